"""Pairs of records with equal keys: numpy's sorting finds what the definition says."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openprofiles.resolution import EngineUnavailable, sorted_keys

# Keys that differ in high bits, in low ones, and in none.
KEYS = st.sampled_from([0, 1, 2, 3, 1 << 40, (1 << 40) + 1, (1 << 64) - 1, (1 << 64) - 2])


def _by_definition(entries, cap):
    found = []
    for key in {key for _, key in entries}:
        rows = [row for row, other in entries if other == key]
        if len(rows) <= cap:
            found += [(min(pair), max(pair)) for pair in combinations(rows, 2) if len({*pair}) == 2]
    return sorted(found)


@given(st.lists(st.tuples(st.integers(0, 9), KEYS), max_size=40), st.integers(2, 9))
def test_pairs_are_those_of_blocks_up_to_the_cap(entries, cap):
    rows = np.array([row for row, _ in entries], dtype=np.int32)
    keys = np.array([key for _, key in entries], dtype=np.uint64)

    left, right = sorted_keys.pairs(rows, keys, cap)

    found = zip(left.tolist(), right.tolist(), strict=True)
    assert sorted(found) == _by_definition(entries, cap)


@given(st.lists(KEYS, max_size=40))
def test_keys_are_in_order_to_the_last_bit(keys):
    order, ordered = sorted_keys.in_order(np.array(keys, dtype=np.uint64))

    assert ordered.tolist() == sorted(keys)
    assert [keys[place] for place in order.tolist()] == sorted(keys)
    assert sorted(order.tolist()) == list(range(len(keys)))


PAIR = st.tuples(st.integers(0, 30), st.integers(0, 30)).map(sorted)


@given(st.lists(st.lists(PAIR, max_size=20), min_size=1, max_size=31))
def test_each_pair_is_there_once_with_all_that_found_it(found):
    columns = [np.array(pairs, dtype=np.int32).reshape(-1, 2) for pairs in found]

    left, right, bits = sorted_keys.each_once([(pairs[:, 0], pairs[:, 1]) for pairs in columns])

    expected: dict[tuple[int, int], int] = {}
    for place, pairs in enumerate(found):
        for one, other in pairs:
            expected[other, one] = expected.get((other, one), 0) | 1 << place
    pairs = zip(right.tolist(), left.tolist(), strict=True)
    assert list(zip(pairs, bits.tolist(), strict=True)) == sorted(expected.items())


def test_of_many_pairs_each_is_there_once_too():
    rows = np.arange(1, 400_001, dtype=np.int32)

    left, right, bits = sorted_keys.each_once([(np.zeros_like(rows), rows)] * 3)

    assert np.array_equal(right, rows)
    assert not left.any()
    assert np.all(bits == 0b111)


def test_more_records_than_can_be_sorted_so_are_refused():
    rows = np.array([1], dtype=np.int32), np.array([2**29], dtype=np.int32)

    with pytest.raises(EngineUnavailable, match="Spark"):
        sorted_keys.each_once([rows] * 20)
