"""Pairs of records with equal keys, found by sorting.

Grouping in SQL takes thrice the time: it builds a table of keys, of which most are one record's.
numpy sorts numbers by the processor's vector instructions, but not places of numbers; so where a
number came from stands in its lowest bits.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from openprofiles.resolution.engine import EngineUnavailable
from openprofiles.resolution.scored import Rows

_PART = 1 << 19
"""So many numbers are worked on at once: memory that is touched first costs more than the work."""
Keys = NDArray[np.uint64]
Pairs = tuple[Rows, Rows]


def pairs(rows: Rows, keys: Keys, cap: int) -> Pairs:
    """Each two of at most `cap` records that share a key, the lesser row first.

    `rows[i]` has `keys[i]`. A record that has a key twice counts twice, and is no pair with itself;
    two records that share two keys are two pairs.
    """
    order, ordered = in_order(keys)
    starts = _starts(ordered)
    sizes = np.diff(starts)
    several = np.flatnonzero((sizes >= 2) & (sizes <= cap))
    starts, sizes = starts[several], sizes[several]
    left, right = [rows[:0]], [rows[:0]]
    for size in np.unique(sizes).tolist():
        members = rows[order[starts[sizes == size][:, np.newaxis] + np.arange(size)]]
        one, other = (members[:, places].ravel() for places in np.triu_indices(size, 1))
        left.append(np.minimum(one, other))
        right.append(np.maximum(one, other))
    lesser, greater = np.concatenate(left), np.concatenate(right)
    are_two = lesser != greater
    return lesser[are_two], greater[are_two]


def in_order(keys: Keys) -> tuple[NDArray[np.uint64], Keys]:
    """The places of `keys` in their order, and the keys in it: `np.argsort` in a third of its
    time.
    """
    bits = len(keys).bit_length()
    packed = keys & ~_lowest(bits) | np.arange(len(keys), dtype=np.uint64)
    packed.sort()
    order = packed & _lowest(bits)
    packed >>= bits
    ordered = keys[order]
    # What the places replaced may be all that two keys differ in.
    are_mixed = (ordered[1:] != ordered[:-1]) & (packed[1:] == packed[:-1])
    for start in np.unique(packed[1:][are_mixed]).tolist():
        mixed = slice(*np.searchsorted(packed, np.array([start, start + 1], dtype=np.uint64)))
        order[mixed] = order[mixed][np.argsort(ordered[mixed])]
        ordered[mixed] = keys[order[mixed]]
    return order, ordered


def stable_order(numbers: Rows) -> NDArray[np.int64]:
    """The places of `numbers`, none of which is negative, in their order, and of equal ones as they
    are.
    """
    order, _ = in_order(numbers.astype(np.uint64) << np.uint64(32))
    return order.astype(np.int64)


def _starts(ordered: Keys) -> NDArray[np.int64]:
    """Where each key begins, and at last where they end."""
    is_first = np.ones(len(ordered) + 1, dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=is_first[1:-1])
    return np.flatnonzero(is_first)


def each_once(found: Sequence[Pairs]) -> tuple[Rows, Rows, NDArray[np.int32]]:
    """Each pair once, ordered by its greater row, with a bit for each place in `found` that has it;
    there are 31 places at most.

    Raises EngineUnavailable for row numbers that are too large to be sorted so, some from 2 ** 29
    on.
    """
    kinds, rows = len(found).bit_length(), _greatest(found).bit_length()
    if 2 * rows + kinds > 64:
        raise EngineUnavailable("so many records are for Spark: DuckDB takes 500,000,000")
    packed = np.concatenate([_packed(kind, *each, kinds, rows) for kind, each in enumerate(found)])
    packed.sort()

    def distinct(part: Keys) -> tuple[Rows, Rows, NDArray[np.int32]]:
        bit = np.left_shift(1, part & _lowest(kinds), dtype=np.uint64).astype(np.int32)
        part >>= kinds
        starts = _starts(part)[:-1]
        part = part[starts]
        left, right = (ends.astype(np.int32) for ends in (part & _lowest(rows), part >> rows))
        return left, right, np.bitwise_or.reduceat(bit, starts) if len(starts) else bit

    # Where all entries of a pair are in one part.
    cuts = np.searchsorted(packed, packed[_PART::_PART] >> kinds << kinds)
    with ThreadPoolExecutor(max_workers=2) as threads:
        left, right, bits = zip(*threads.map(distinct, np.split(packed, cuts)), strict=True)
    return np.concatenate(left), np.concatenate(right), np.concatenate(bits)


def _packed(kind: int, left: Rows, right: Rows, kinds: int, rows: int) -> Keys:
    """Each pair as one number, of so many bits for its kind and for a row."""
    packed = right.astype(np.uint64)
    packed <<= rows
    packed |= left.astype(np.uint64)
    packed <<= kinds
    packed |= np.uint64(kind)
    return packed


def _greatest(found: Sequence[Pairs]) -> int:
    return max(int(right.max(initial=0)) for _, right in found)


def _lowest(bits: int) -> np.uint64:
    return np.uint64((1 << bits) - 1)
