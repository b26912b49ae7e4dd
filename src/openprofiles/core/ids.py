"""Ids: UUIDs, as 32 hex digits inside as on the wire; time-ordered where nobody must guess them."""

import os
import random
import uuid
from collections.abc import Iterator
from datetime import datetime

Id = str
"""32 lower-case hex digits: the same text in memory, on the wire and, as `uuid`, in tables."""


FIRST: Id = "0" * 32
LAST: Id = "f" * 32
"""Before and after every id, in the order of pages."""

_OF_VERSION_4 = 0x4 << 76 | 0b10 << 62
_NOT_OF_VERSION_4 = ~(0xF << 76 | 0b11 << 62)


def random_id() -> Id:
    """An id nobody can guess, for matches and requests."""
    return uuid.uuid4().hex


def request_id() -> str:
    """A version 4 UUID in its usual form, for a request: unique, not secret."""
    # The generator that asks the system for each number lets other threads in, once per request.
    bits = random.getrandbits(128) & _NOT_OF_VERSION_4 | _OF_VERSION_4
    digits = f"{bits:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def ordered_id(now: datetime) -> Id:
    """A version 7 UUID (RFC 9562 §5.7): sorts by `now` to the microsecond, random below."""
    return next(ordered_ids(now))


def ordered_ids(now: datetime) -> Iterator[Id]:
    """Version 7 UUIDs of one moment, each sorting after those before it."""
    milliseconds = int(now.timestamp() * 1000)
    # The microseconds in 12 bits (RFC 9562 §6.2, method 3): what one writer does right after
    # another sorts after it.
    fraction = now.microsecond % 1000 * 4096 // 1000
    head = f"{milliseconds:012x}{0x7000 | fraction:04x}"
    # 61 random bits below the variant: counting up never overflows.
    low = int.from_bytes(os.urandom(8), "big") >> 3 | 0b10 << 62
    while True:
        yield f"{head}{low:016x}"
        low += 1


def lowest_id(moment: datetime) -> Id:
    """The least of the ordered ids of a moment, to compare others with."""
    return f"{int(moment.timestamp() * 1000):012x}{'0' * 20}"
