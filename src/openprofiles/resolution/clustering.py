"""Groups from scored pairs, by correlation: what speaks against counts as much as what speaks for.

Pairs join in order of falling weight. What two groups have in common is judged as if each were one
record: of each attribute the best agreement between any of their records, and the weight of this
joint pattern must be positive. So a birth date that conflicts is counted once, however many records
repeat it, and so is a shared phone.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

_BATCH = 50_000


@dataclass(frozen=True, slots=True)
class Evidence:
    """How patterns of two pairs of groups become one, and what a pattern weighs."""

    join: Callable[[int, int], int]
    weigh: Callable[[int], float]


def components(size: int, left: Integers, right: Integers) -> Integers:
    """For each of `size` rows the least row it is connected to."""
    label = np.arange(size, dtype=np.int64)
    while True:
        low = np.minimum(label[left], label[right])
        before = label.copy()
        for rows in (left, right, before[left], before[right]):
            np.minimum.at(label, rows, low)
        label = label[label]
        if np.array_equal(label, before):
            return label


@dataclass(frozen=True, slots=True)
class Pairs:
    """Scored pairs as columns."""

    left: Integers
    right: Integers
    pattern: Integers
    weight: Floats

    def where(self, chosen: NDArray[np.bool_] | Integers) -> "Pairs":
        """Some of them."""
        return Pairs(
            self.left[chosen], self.right[chosen], self.pattern[chosen], self.weight[chosen]
        )


@dataclass(frozen=True, slots=True)
class Limits:
    """What must not meet in one group."""

    guards: Mapping[int, tuple[str | None, ...]] = field(default_factory=dict)
    """Row -> values of which a group may have one each."""
    apart: Mapping[int, frozenset[int]] = field(default_factory=dict)
    """Row -> rows that somebody found to be others."""

    def rows(self) -> Integers:
        """Every row that is limited."""
        return np.array(sorted({*self.guards, *self.apart}), dtype=np.int64)


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
    left, right = pairs.left.tolist(), pairs.right.tolist()
    for one, other, pattern in zip(left, right, pairs.pattern.tolist(), strict=True):
        groups.add(one, other, pattern)
    order = np.lexsort((pairs.right, pairs.left, -pairs.weight))
    for place in order[: int((pairs.weight > above).sum())].tolist():
        here, there = groups.find(left[place]), groups.find(right[place])
        if here != there and groups.may_join(here, there, above):
            groups.join(here, there)
    return {row: groups.find(row) for row in {*left, *right}}


def cluster(
    size: int, pairs: Pairs, evidence: Evidence, limits: Limits, *, above: float = 0.0
) -> Integers:
    """For each row the least row of its group; pairs join that weigh more than `above`."""
    joining = pairs.weight > above
    label = components(size, pairs.left[joining], pairs.right[joining])
    together = label[pairs.left] == label[pairs.right]
    # Where nothing inside speaks against, the component is the group.
    contested = np.zeros(size, dtype=bool)
    contested[label[pairs.left[together & ~joining]]] = True
    contested[label[limits.rows()]] = True
    inside = np.flatnonzero(together & contested[label[pairs.left]])
    for chosen in _in_batches(inside, label[pairs.left[inside]]):
        found = by_correlation(pairs.where(chosen), evidence, limits, above=above)
        least: dict[int, int] = {}
        for row in sorted(found):
            label[row] = least.setdefault(found[row], row)
    return label


def _in_batches(pairs: Integers, label: Integers) -> Iterator[Integers]:
    """The pairs of whole components, some ten thousand at a time, to free memory between."""
    order = np.argsort(label, kind="stable")
    pairs, label = pairs[order], label[order]
    start = 0
    while start < len(pairs):
        last = min(start + _BATCH, len(pairs)) - 1
        end = int(np.searchsorted(label, label[last], side="right"))
        yield pairs[start:end]
        start = end
