"""Ids: UUIDs, as 32 hex digits inside as on the wire; time-ordered where nobody must guess them."""

import os
import uuid
from datetime import datetime

Id = str
"""32 lower-case hex digits: the same text in memory, on the wire and, as `uuid`, in tables."""


FIRST: Id = "0" * 32
LAST: Id = "f" * 32
"""Before and after every id, in the order of pages."""


def random_id() -> Id:
    """An id nobody can guess, for matches and requests."""
    return uuid.uuid4().hex


def ordered_id(now: datetime) -> Id:
    """A version 7 UUID (RFC 9562 §5.7): sorts by `now` to the millisecond, random below."""
    return ordered_ids(now, 1)[0]


def ordered_ids(now: datetime, count: int) -> list[Id]:
    """`count` version 7 UUIDs of one moment that sort in the order of the list."""
    milliseconds = int(now.timestamp() * 1000)
    # 74 random bits, the highest left free so that counting up never reaches the timestamp.
    start = int.from_bytes(os.urandom(10), "big") >> 7
    return [_version_7(milliseconds, start + step) for step in range(count)]


def _version_7(milliseconds: int, tail: int) -> Id:
    high = (0x7 << 12) | (tail >> 62)
    low = (0b10 << 62) | (tail & ((1 << 62) - 1))
    return f"{(milliseconds << 80) | (high << 64) | low:032x}"
