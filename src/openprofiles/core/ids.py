"""Ids: UUIDs, as 32 hex digits inside as on the wire; time-ordered where nobody must guess them."""

import os
import uuid
from collections.abc import Iterator
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
    return next(ordered_ids(now))


def ordered_ids(now: datetime) -> Iterator[Id]:
    """Version 7 UUIDs of one moment, each sorting after those before it."""
    milliseconds = int(now.timestamp() * 1000)
    # 74 random bits, the highest left free so that counting up never reaches the timestamp.
    tail = int.from_bytes(os.urandom(10), "big") >> 7
    while True:
        yield _version_7(milliseconds, tail)
        tail += 1


def _version_7(milliseconds: int, tail: int) -> Id:
    high = (0x7 << 12) | (tail >> 62)
    low = (0b10 << 62) | (tail & ((1 << 62) - 1))
    return f"{(milliseconds << 80) | (high << 64) | low:032x}"
