"""Groups from scored pairs: components, and what `correlation` makes of those in which something
speaks against.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from openprofiles.resolution.correlation import Evidence, Limits, by_correlation
from openprofiles.resolution.rounds import Batch, in_rounds
from openprofiles.resolution.scored import Pairs, Places, Rows
from openprofiles.resolution.sorted_keys import stable_order

_ROUND = 65
"""A round by itself takes as long as so many pairs one by one (150 microseconds)."""
_LARGE = 500
"""A component of more records has too many cells."""
_PAIRS_AT_ONCE, _CELLS_AT_ONCE = 50_000, 4_000_000


def components(size: int, left: Rows, right: Rows) -> Rows:
    """For each of `size` rows the least row it is connected to."""
    label = np.arange(size, dtype=np.int32)
    while True:
        here, there = label[left], label[right]
        # By places, which numpy takes by in a third of the time that it takes by a mask.
        apart = np.flatnonzero(here != there)
        if not len(apart):
            return label
        left, right, here, there = left[apart], right[apart], here[apart], there[apart]
        # Only what stands for a component gets a new label, so that no link is lost.
        higher = np.maximum(here, there)
        np.minimum.at(label, higher, np.minimum(here, there))
        # To the least row of all: labels point to labels. Where few are new, those first.
        if 4 * len(higher) < size:
            while not np.array_equal(label[higher], least := label[label[higher]]):
                label[higher] = least
        while not np.array_equal(label, least := label[label]):
            label = least


def cluster(
    component: Rows, pairs: Pairs, evidence: Evidence, limits: Limits, *, above: float = 0.0
) -> Rows:
    """For each row the least row of its group; pairs join that weigh more than `above`.

    `component` is what `components` says of the pairs that do.
    """
    label = component.copy()
    inside, contested = _contested(component, pairs, limits, above)
    by_itself = np.zeros(len(component), dtype=bool)
    by_itself[component[limits.rows()]] = True
    heads = np.flatnonzero(contested & ~by_itself)
    sizes = np.bincount(component[contested[component]], minlength=len(component))[heads]
    are_few = (sizes > _LARGE) | _are_few(component, heads, inside, above)
    by_itself[heads[are_few]] = True
    chosen = by_itself[component[inside.left]]
    for some in _whole_components(inside.where(chosen), component):
        _relabel(label, by_correlation(some, evidence, limits, above=above))
    heads, sizes = heads[~are_few], sizes[~are_few]

    def group(part: tuple[Rows, Batch]) -> None:
        rows, batch = part
        label[rows] = rows[in_rounds(batch, evidence, above)]

    # Components share no row, so what is written of one batch is not read of another.
    with ThreadPoolExecutor(max_workers=2) as threads:
        for _ in threads.map(group, _batches(component, heads, sizes, inside.where(~chosen))):
            pass
    return label


def _contested(
    component: Rows, pairs: Pairs, limits: Limits, above: float
) -> tuple[Pairs, NDArray[np.bool_]]:
    """The pairs inside of components in which something speaks against, and by its least row
    whether a component is such; of others the component is the group.
    """
    of = component[pairs.left]
    together = of == component[pairs.right]
    contested = np.zeros(len(component), dtype=bool)
    contested[of[together & ~pairs.weigh_more(above)]] = True
    contested[component[limits.rows()]] = True
    return pairs.where(together & contested[of]), contested


def _are_few(component: Rows, heads: Places, inside: Pairs, above: float) -> NDArray[np.bool_]:
    """Which of the components are better grouped one by one: those with the most pairs to try, each
    of which would be a round, as long as this makes the rest quicker by more than it takes.
    """
    size = len(component)
    of = component[inside.left]
    pairs = np.bincount(of, minlength=size)[heads]
    rounds = np.bincount(of[np.flatnonzero(inside.weigh_more(above))], minlength=size)[heads]
    order = np.argsort(-rounds)
    alone = np.concatenate(([0], np.cumsum(pairs[order])))
    together = _ROUND * np.concatenate((rounds[order], [0]))
    are_few = np.zeros(len(heads), dtype=bool)
    are_few[order[: np.argmin(alone + together)]] = True
    return are_few


def _relabel(label: Rows, found: dict[int, int]) -> None:
    least: dict[int, int] = {}
    for row in sorted(found):
        label[row] = least.setdefault(found[row], row)


def _whole_components(pairs: Pairs, component: Rows) -> Iterator[Pairs]:
    """The pairs of whole components, so many at a time, to free memory between."""
    of = component[pairs.left]
    order = stable_order(of)
    of = of[order]
    start = 0
    while start < len(order):
        last = min(start + _PAIRS_AT_ONCE, len(order)) - 1
        end = int(np.searchsorted(of, of[last], side="right"))
        yield pairs.take(order[start:end])
        start = end


def _batches(
    component: Rows, heads: Places, sizes: Places, pairs: Pairs
) -> Iterator[tuple[Rows, Batch]]:
    """The components with these least rows and sizes, those of one size together, and the rows of
    the records of each batch.
    """
    order = np.argsort(sizes, kind="stable")
    heads, sizes = heads[order], sizes[order]
    place = np.full(len(component), -1, dtype=np.int32)
    place[heads] = np.arange(len(heads))
    rows = np.flatnonzero(place[component] >= 0).astype(np.int32)
    rows = rows[stable_order(place[component[rows]])]
    number = np.empty(len(component), dtype=np.int32)
    number[rows] = np.arange(len(rows))
    ends, cells = (np.concatenate(([0], np.cumsum(sizes**n))) for n in (1, 2))
    left = number[pairs.left]
    start = 0
    while start < len(heads):
        end = min(int(np.searchsorted(cells, cells[start] + _CELLS_AT_ONCE)), len(heads))
        first, last = ends[start].astype(np.int32), ends[end].astype(np.int32)
        some = pairs.where((left >= first) & (left < last))
        ours, theirs = (number[each] - first for each in (some.left, some.right))
        yield rows[first:last], Batch(sizes[start:end], Pairs(ours, theirs, some.code, some.scores))
        start = end
