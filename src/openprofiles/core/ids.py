"""Ids: UUIDs, written as 32 hex digits on the wire; time-ordered where nobody must guess them."""

import os
import uuid
from datetime import datetime


def random_id() -> uuid.UUID:
    """An id nobody can guess, for profiles, matches and requests."""
    return uuid.uuid4()


def ordered_id(now: datetime) -> uuid.UUID:
    """A version 7 UUID (RFC 9562 §5.7): sorts by `now` to the millisecond, random below."""
    return ordered_ids(now, 1)[0]


def ordered_ids(now: datetime, count: int) -> list[uuid.UUID]:
    """`count` version 7 UUIDs of one moment that sort in the order of the list."""
    milliseconds = int(now.timestamp() * 1000)
    # 74 random bits, the highest left free so that counting up never reaches the timestamp.
    start = int.from_bytes(os.urandom(10), "big") >> 7
    return [_version_7(milliseconds, start + step) for step in range(count)]


def _version_7(milliseconds: int, tail: int) -> uuid.UUID:
    high = (0x7 << 12) | (tail >> 62)
    low = (0b10 << 62) | (tail & ((1 << 62) - 1))
    return uuid.UUID(int=(milliseconds << 80) | (high << 64) | low)


def parse_id(text: str) -> uuid.UUID:
    """The id behind 32 hex digits, which the service model's pattern has checked."""
    return uuid.UUID(hex=text)
