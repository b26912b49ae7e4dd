"""What `by_correlation` does, for many components at once: in each round every component looks at
the next of its pairs.
"""

from dataclasses import dataclass

import numpy as np

from openprofiles.resolution.correlation import Evidence
from openprofiles.resolution.scored import Integers, Pairs


@dataclass(frozen=True, slots=True)
class Batch:
    """Some components: how many records each has, and the pairs inside of them.

    Records are numbered from 0, those of the first component first, and so on.
    """

    sizes: Integers
    pairs: Pairs


def in_rounds(batch: Batch, evidence: Evidence, above: float) -> Integers:
    """For each record of the batch the first one of its group."""
    return _Rounds(batch, evidence, above).run()


class _Rounds:
    """Each component has a square of cells: for each two groups, told by their first records, what
    they have in common.
    """

    def __init__(self, batch: Batch, evidence: Evidence, above: float) -> None:
        self._evidence, self._above = evidence, above
        self._sizes = batch.sizes
        self._component = np.repeat(np.arange(len(batch.sizes)), batch.sizes)
        self._first = _starts(batch.sizes)
        self._group = np.arange(len(self._component))
        # By record: its place in its component, and where its line of cells begins.
        self._place = self._group - self._first[self._component]
        self._line = _starts(batch.sizes[self._component])
        self._cells = np.zeros(int((batch.sizes**2).sum()), dtype=np.int64)
        left, right = (each.astype(np.int64) for each in (batch.pairs.left, batch.pairs.right))
        pattern = batch.pairs.pattern
        self._cells[self._cell(left, right)] = pattern
        self._cells[self._cell(right, left)] = pattern
        self._left, self._right = self._in_order(batch.pairs)

    def _cell(self, here: Integers, there: Integers) -> Integers:
        cell: Integers = self._line[here] + self._place[there]
        return cell

    def _in_order(self, pairs: Pairs) -> tuple[Integers, Integers]:
        """The pairs that may join: by component, and in it the heaviest first, else by rows."""
        pairs = pairs.where(pairs.weigh_more(self._above))
        left = pairs.left.astype(np.int64)
        rank = pairs.ranks().astype(np.int64)
        cell = self._cell(left, pairs.right.astype(np.int64))
        # Packed into one number, which numpy sorts by the processor's vector instructions. Its bits
        # suffice for a batch of 4,000,000 cells.
        for_rank, for_cell = (int(each.max(initial=0)).bit_length() for each in (rank, cell))
        key = (self._component[left] << for_rank | rank) << for_cell | cell
        key.sort()
        component = key >> (for_rank + for_cell)
        first = self._first[component]
        cell = (key & ((1 << for_cell) - 1)) - self._line[first]
        one, other = np.divmod(cell, self._sizes[component])
        return first + one, first + other

    def run(self) -> Integers:
        """For each record the first one of its group."""
        counts = np.bincount(self._component[self._left], minlength=len(self._sizes))
        end = np.cumsum(counts)
        following = end - counts
        waiting = np.flatnonzero(counts)
        while len(waiting):
            pair = following[waiting]
            one, other = self._group[self._left[pair]], self._group[self._right[pair]]
            apart = np.flatnonzero(one != other)
            self._try(one[apart], other[apart])
            following[waiting] += 1
            waiting = waiting[np.flatnonzero(following[waiting] < end[waiting])]
        return self._group

    def _try(self, one: Integers, other: Integers) -> None:
        """Join each two groups, one pair of a component, whose joint pattern weighs enough."""
        weight = self._evidence.weigh_all(self._cells[self._cell(one, other)])
        joins = np.flatnonzero(weight > self._above)
        low, high = np.minimum(one, other)[joins], np.maximum(one, other)[joins]
        # Each of them beside all records of its component.
        component = self._component[low]
        sizes = self._sizes[component]
        pair = np.repeat(np.arange(len(low)), sizes)
        place = np.arange(len(pair)) - _starts(sizes)[pair]
        ours = self._line[low][pair] + place
        theirs = self._line[high][pair] + place
        joint = self._evidence.join_all(self._cells[ours], self._cells[theirs])
        record = self._first[component][pair] + place
        self._cells[ours] = joint
        self._cells[self._line[record] + self._place[low][pair]] = joint
        joined = np.flatnonzero(self._group[record] == high[pair])
        self._group[record[joined]] = low[pair[joined]]


def _starts(sizes: Integers) -> Integers:
    """Where each of some that lie one behind the other begins."""
    ends: Integers = np.cumsum(sizes)
    return ends - sizes
