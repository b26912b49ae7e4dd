"""A match group that waits for somebody to look at it, and its place among the others; pure."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from openprofiles.core.errors import BadRequest
from openprofiles.core.ids import Id
from openprofiles.core.paging import BROKEN

CERTAIN = 1.0
"""What a rule says is taken for certain: it has no confidence."""

EVERYTHING = 2.0
"""More than any confidence."""

_CURSOR = re.compile(r"([0-9]{1,9}\.[0-9]{1,20}) ([0-9]{1,9})")

Pair = tuple[Id, Id]
"""Two profiles, the smaller id first."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The confidence that is asked for: at least `least`, and `below`."""

    least: float = 0.0
    below: float = EVERYTHING


@dataclass(frozen=True, slots=True)
class Place:
    """Where a group stands: those with the greatest gain first, among equals the surest."""

    gain: float
    number: int

    def as_cursor(self) -> str:
        """The place as text, the gain to the last digit that counts."""
        return f"{self.gain:.17f} {self.number}"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A group at its place."""

    place: Place
    confidence: float
    profile_ids: tuple[Id, ...]


def read_place(cursor: str | None) -> Place | None:
    """The place that a cursor says; BadRequest when it says none."""
    if cursor is None:
        return None
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise BadRequest(BROKEN)
    return Place(float(found[1]), int(found[2]))


def gain_of(size: int, confidence: float | None) -> float:
    """How many profiles too many a group is expected to take away: all but one, if it is right."""
    return (size - 1) * (CERTAIN if confidence is None else confidence)


def pairs_within(profile_ids: Collection[Id], pairs: Iterable[Pair]) -> list[Pair]:
    """Those of the pairs whose profiles are both among these."""
    among = frozenset(profile_ids)
    return [(one, other) for one, other in pairs if one in among and other in among]


def pair_of(one: Id, other: Id) -> Pair:
    """The pair of two profiles; BadRequest when they are one."""
    if one == other:
        raise BadRequest("A profile cannot be decided not to be the same as itself")
    return min(one, other), max(one, other)
