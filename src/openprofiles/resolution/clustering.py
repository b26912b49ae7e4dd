"""Groups from scored pairs, by correlation: what speaks against counts as much as what speaks for.

Pairs join in order of falling weight. What two groups have in common is judged as if each were one
record: of each attribute the best agreement between any of their records, and the weight of this
joint pattern must be positive. So a birth date that conflicts is counted once, however many records
repeat it, and so is a shared phone.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

_BATCH = 50_000
_FEW_PAIRS, _FEW_JOINING = 500, 150
"""Few pairs are grouped one by one; more together, except of components where many may join."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """How patterns of two pairs of groups become one, and what a pattern weighs; the same for
    many at once.
    """

    join: Callable[[int, int], int]
    weigh: Callable[[int], float]
    join_all: Callable[[Integers, Integers], Integers]
    weigh_all: Callable[[Integers], Floats]


def components(size: int, left: Integers, right: Integers) -> Integers:
    """For each of `size` rows the least row it is connected to."""
    label = np.arange(size, dtype=np.int64)
    while True:
        here, there = label[left], label[right]
        apart = here != there
        if not apart.any():
            return label
        left, right, here, there = left[apart], right[apart], here[apart], there[apart]
        # Only what stands for a component gets a new label, so that no link is lost.
        np.minimum.at(label, np.maximum(here, there), np.minimum(here, there))
        # To the least row of all: labels point to labels.
        while not np.array_equal(label, above := label[label]):
            label = above


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


class _Rounds:
    """What `by_correlation` does, for many small components at once: in each round every component
    tries the next of its pairs. Rows are numbered from 0 without gaps.
    """

    def __init__(self, pairs: Pairs, component: Integers, evidence: Evidence, above: float) -> None:
        self._evidence, self._above = evidence, above
        size = int(max(pairs.left.max(), pairs.right.max())) + 1
        self.group = np.arange(size, dtype=np.int64)
        """For each row the row that stands for its group."""
        self._slot = np.zeros(size, dtype=np.int64)
        # Edges between groups: each two groups have one at most.
        self._one, self._other, self._pattern = pairs.left, pairs.right, pairs.pattern
        self._component = component
        joining = np.flatnonzero(pairs.weight > above)
        order = joining[
            np.lexsort(
                (
                    pairs.right[joining],
                    pairs.left[joining],
                    -pairs.weight[joining],
                    component[joining],
                )
            )
        ]
        self._left, self._right, self._of = pairs.left[order], pairs.right[order], component[order]

    def run(self) -> Integers:
        """For each row the row that stands for its group."""
        while len(self._of):
            first = np.ones(len(self._of), dtype=bool)
            first[1:] = self._of[1:] != self._of[:-1]
            self._try(self._left[first], self._right[first], self._of[first])
            left = ~first & (self.group[self._left] != self.group[self._right])
            self._left, self._right, self._of = self._left[left], self._right[left], self._of[left]
            self._forget_settled()
        return self.group

    def _try(self, left: Integers, right: Integers, component: Integers) -> None:
        """Join the groups of each two rows, one pair a component, whose joint pattern weighs
        enough.
        """
        here, there = self.group[left], self.group[right]
        one, other = np.zeros((2, int(self._component.max()) + 1), dtype=np.int64)
        one[component], other[component] = np.minimum(here, there), np.maximum(here, there)
        low, high = np.minimum(self._one, self._other), np.maximum(self._one, self._other)
        tried = np.flatnonzero(
            (low == one[self._component]) & (high == other[self._component]) & (low != high)
        )
        joined = tried[self._evidence.weigh_all(self._pattern[tried]) > self._above]
        stays = np.arange(len(self.group), dtype=np.int64)
        stays[high[joined]] = low[joined]
        self.group = stays[self.group]
        self._one, self._other = stays[self._one], stays[self._other]
        self._merge_edges(np.unique(low[joined]))

    def _merge_edges(self, grown: Integers) -> None:
        has_grown = np.zeros(len(self.group), dtype=bool)
        has_grown[grown] = True
        is_between = self._one != self._other
        touched = np.flatnonzero(is_between & (has_grown[self._one] | has_grown[self._other]))
        third = np.where(has_grown[self._one[touched]], self._other[touched], self._one[touched])
        # Of the two edges to a third group the later stays.
        self._slot[third] = touched
        doubled = self._slot[third] != touched
        gone, kept = touched[doubled], self._slot[third[doubled]]
        self._pattern = self._pattern.copy()
        self._pattern[kept] = self._evidence.join_all(self._pattern[kept], self._pattern[gone])
        is_between[gone] = False
        self._keep(is_between)

    def _forget_settled(self) -> None:
        unsettled = np.zeros(int(self._component.max(initial=0)) + 1, dtype=bool)
        unsettled[self._of] = True
        self._keep(unsettled[self._component])

    def _keep(self, chosen: NDArray[np.bool_]) -> None:
        self._one, self._other = self._one[chosen], self._other[chosen]
        self._pattern, self._component = self._pattern[chosen], self._component[chosen]


def cluster(
    component: Integers,
    pairs: Pairs,
    evidence: Evidence,
    limits: Limits,
    *,
    above: float = 0.0,
) -> Integers:
    """For each row the least row of its group; pairs join that weigh more than `above`.

    `component` is what `components` says of the pairs that do.
    """
    size, label = len(component), component.copy()
    joining = pairs.weight > above
    together = label[pairs.left] == label[pairs.right]
    # Where nothing inside speaks against, the component is the group.
    contested = np.zeros(size, dtype=bool)
    contested[label[pairs.left[together & ~joining]]] = True
    contested[label[limits.rows()]] = True
    inside = np.flatnonzero(together & contested[label[pairs.left]])
    # Rounds pay where they serve many small components.
    by_itself = np.bincount(label[pairs.left[joining]], minlength=size) > _FEW_JOINING
    by_itself[label[limits.rows()]] = True
    if len(inside) < _FEW_PAIRS:
        by_itself[:] = True
    is_large = by_itself[label[pairs.left[inside]]]
    small, large = inside[~is_large], inside[is_large]

    def in_rounds(chosen: Integers) -> None:
        some = pairs.where(chosen)
        rows, dense = np.unique(np.concatenate((some.left, some.right)), return_inverse=True)
        left, right = np.split(dense, 2)
        component = np.unique(label[some.left], return_inverse=True)[1]
        numbered = Pairs(left, right, some.pattern, some.weight)
        label[rows] = rows[_Rounds(numbered, component, evidence, above).run()]

    for chosen in _in_batches(large, label[pairs.left[large]]):
        _relabel(label, by_correlation(pairs.where(chosen), evidence, limits, above=above))
    # Components share no row, so what one batch writes no other reads.
    with ThreadPoolExecutor(max_workers=2) as threads:
        batches = _in_batches(small, label[pairs.left[small]], 4 * _BATCH)
        for _ in threads.map(in_rounds, batches):
            pass
    return label


def _relabel(label: Integers, found: dict[int, int]) -> None:
    least: dict[int, int] = {}
    for row in sorted(found):
        label[row] = least.setdefault(found[row], row)


def _in_batches(pairs: Integers, label: Integers, size: int = _BATCH) -> Iterator[Integers]:
    """The pairs of whole components, so many at a time, to free memory between."""
    order = np.argsort(label, kind="stable")
    pairs, label = pairs[order], label[order]
    start = 0
    while start < len(pairs):
        last = min(start + size, len(pairs)) - 1
        end = int(np.searchsorted(label, label[last], side="right"))
        yield pairs[start:end]
        start = end
