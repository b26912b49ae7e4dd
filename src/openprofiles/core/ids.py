"""Ids: UUIDs, written as 32 hex digits on the wire; time-ordered where nobody must guess them."""

import os
import uuid
from datetime import datetime


def random_id() -> uuid.UUID:
    """An id nobody can guess, for profiles, matches and requests."""
    return uuid.uuid4()


def ordered_id(now: datetime) -> uuid.UUID:
    """A version 7 UUID (RFC 9562 §5.7): sorts by `now` to the millisecond, random below."""
    milliseconds = int(now.timestamp() * 1000)
    tail = int.from_bytes(os.urandom(10), "big")
    high = (0x7 << 12) | (tail >> 68)
    low = (0b10 << 62) | (tail & ((1 << 62) - 1))
    return uuid.UUID(int=(milliseconds << 80) | (high << 64) | low)


def parse_id(text: str) -> uuid.UUID:
    """The id behind 32 hex digits, which the service model's pattern has checked."""
    return uuid.UUID(hex=text)
