"""Groups from scored pairs, by correlation: what speaks against counts as much as what speaks for.

Pairs join in order of falling weight. What two groups have in common is judged as if each were one
record: of each attribute the best agreement between any of their records, and the weight of this
joint pattern must be positive. So a birth date that conflicts is counted once, however many records
repeat it, and so is a shared phone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


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


class _Groups:
    """Groups of rows that join one another, with the joint pattern between each two that have
    one.
    """

    def __init__(self, evidence: Evidence, guards: Mapping[int, tuple[str | None, ...]]) -> None:
        self._evidence = evidence
        self._guards = dict(guards)
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

    def may_join(self, one: int, other: int) -> bool:
        guards = zip(self._guards.get(one, ()), self._guards.get(other, ()), strict=False)
        if any(mine and theirs and mine != theirs for mine, theirs in guards):
            return False
        return self._evidence.weigh(self._between[one][other]) > 0

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
        if other in self._guards:
            kept = self._guards.get(one) or (None,) * len(self._guards[other])
            self._guards[one] = tuple(
                a or b for a, b in zip(kept, self._guards[other], strict=True)
            )


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


def by_correlation(
    pairs: Pairs, evidence: Evidence, guards: Mapping[int, tuple[str | None, ...]]
) -> dict[int, int]:
    """Row -> the row that stands for its group, for every row in `pairs`; `guards` are values
    that must not meet.
    """
    groups = _Groups(evidence, guards)
    left, right = pairs.left.tolist(), pairs.right.tolist()
    for one, other, pattern in zip(left, right, pairs.pattern.tolist(), strict=True):
        groups.add(one, other, pattern)
    order = np.lexsort((pairs.right, pairs.left, -pairs.weight))
    for place in order[: int((pairs.weight > 0).sum())].tolist():
        here, there = groups.find(left[place]), groups.find(right[place])
        if here != there and groups.may_join(here, there):
            groups.join(here, there)
    return {row: groups.find(row) for row in {*left, *right}}


def cluster(
    size: int,
    pairs: Pairs,
    evidence: Evidence,
    guards: Mapping[int, tuple[str | None, ...]] | None = None,
) -> Integers:
    """For each row the least row of its group."""
    joining = pairs.weight > 0
    label = components(size, pairs.left[joining], pairs.right[joining])
    together = label[pairs.left] == label[pairs.right]
    # Where nothing inside speaks against, the component is the group.
    contested = np.zeros(size, dtype=bool)
    contested[label[pairs.left[together & ~joining]]] = True
    if guards:
        contested[label[np.fromiter(guards, dtype=np.int64)]] = True
    inside = together & contested[label[pairs.left]]
    found = by_correlation(pairs.where(inside), evidence, guards or {})
    least: dict[int, int] = {}
    for row in sorted(found):
        label[row] = least.setdefault(found[row], row)
    return label
