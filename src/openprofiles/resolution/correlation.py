"""Groups by correlation, one pair after the other.

Pairs join in order of falling weight. What two groups have in common is judged as if each were one
record: of each attribute the best agreement between any of their records, and the weight of this
joint pattern must be positive. So a birth date that conflicts is counted once, however many records
repeat it, and so is a shared phone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from openprofiles.resolution.scored import Floats, Integers, Pairs, Rows


@dataclass(frozen=True, slots=True)
class Evidence:
    """How patterns of two pairs of groups become one, and what a pattern weighs; the same for
    many at once. A pattern of 0 says nothing.
    """

    join: Callable[[int, int], int]
    weigh: Callable[[int], float]
    join_all: Callable[[Integers, Integers], Integers]
    weigh_all: Callable[[Integers], Floats]


@dataclass(frozen=True, slots=True)
class Limits:
    """What must not meet in one group."""

    guards: Mapping[int, tuple[str | None, ...]] = field(default_factory=dict)
    """Row -> values of which a group may have one each."""
    apart: Mapping[int, frozenset[int]] = field(default_factory=dict)
    """Row -> rows that somebody found to be others."""

    def numbered(self, number: Rows) -> "Limits":
        """Those of rows that have another number, which is not negative, by these."""
        apart = {
            int(number[row]): frozenset(
                int(number[other]) for other in others if number[other] >= 0
            )
            for row, others in self.apart.items()
            if number[row] >= 0
        }
        guards = {
            int(number[row]): values for row, values in self.guards.items() if number[row] >= 0
        }
        return Limits(guards, apart)

    def rows(self) -> Rows:
        """Every row that is limited."""
        return np.array(sorted({*self.guards, *self.apart}), dtype=np.int32)


class _Groups:
    """Groups of rows that join one another, with the joint pattern between each two that have
    one.
    """

    def __init__(self, evidence: Evidence, limits: Limits) -> None:
        self._evidence = evidence
        self._guards = dict(limits.guards)
        self._apart = dict(limits.apart)
        self._is_limited = bool(limits.guards or limits.apart)
        self._parent: dict[int, int] = {}
        self._between: dict[int, dict[int, int]] = {}

    def find(self, row: int) -> int:
        root = row
        while (above := self._parent.get(root, root)) != root:
            root = above
        while (above := self._parent.get(row, row)) != root:
            self._parent[row], row = root, above
        return root

    def add(self, one: int, other: int, pattern: int) -> None:
        self._between.setdefault(one, {})[other] = pattern
        self._between.setdefault(other, {})[one] = pattern

    def may_join(self, one: int, other: int, above: float) -> bool:
        if self._evidence.weigh(self._between[one][other]) <= above:
            return False
        return not (self._is_limited and self._must_not_meet(one, other))

    def _must_not_meet(self, one: int, other: int) -> bool:
        guards = zip(self._guards.get(one, ()), self._guards.get(other, ()), strict=False)
        return any(mine and theirs and mine != theirs for mine, theirs in guards) or any(
            self.find(row) == other for row in self._apart.get(one, ())
        )

    def join(self, one: int, other: int) -> None:
        if len(self._between[one]) < len(self._between[other]):
            one, other = other, one
        self._parent[other] = one
        mine = self._between[one]
        del mine[other]
        for third, pattern in self._between.pop(other).items():
            if third == one:
                continue
            joint = self._evidence.join(mine[third], pattern) if third in mine else pattern
            mine[third] = joint
            theirs = self._between[third]
            del theirs[other]
            theirs[one] = joint
        if self._is_limited:
            self._join_limits(one, other)

    def _join_limits(self, one: int, other: int) -> None:
        if guards := self._guards.get(other):
            kept = self._guards.get(one) or (None,) * len(guards)
            self._guards[one] = tuple(a or b for a, b in zip(kept, guards, strict=True))
        if apart := self._apart.get(other):
            self._apart[one] = self._apart.get(one, frozenset()) | apart


def by_correlation(
    pairs: Pairs, evidence: Evidence, limits: Limits, *, above: float = 0.0
) -> dict[int, int]:
    """Row -> the row that stands for its group, for every row in `pairs`."""
    groups = _Groups(evidence, limits)
    left, right, weight = pairs.left.tolist(), pairs.right.tolist(), pairs.weight
    for one, other, pattern in zip(left, right, pairs.pattern.tolist(), strict=True):
        groups.add(one, other, pattern)
    order = np.lexsort((pairs.right, pairs.left, -weight))
    for place in order[: int((weight > above).sum())].tolist():
        here, there = groups.find(left[place]), groups.find(right[place])
        if here != there and groups.may_join(here, there, above):
            groups.join(here, there)
    return {row: groups.find(row) for row in {*left, *right}}
