"""Groups form by what speaks for and against."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openprofiles.resolution import clustering
from openprofiles.resolution.clustering import cluster, components
from openprofiles.resolution.correlation import Evidence, Limits, by_correlation
from openprofiles.resolution.rounds import in_rounds
from openprofiles.resolution.scored import Pairs, Scores

# A pattern here is a set of bits; the lowest 8 speak for, the next 8 against, as many bits as there
# are.
BITS = Evidence(
    join=lambda one, other: one | other,
    weigh=lambda pattern: (pattern & 255).bit_count() - 1.5 * (pattern >> 8).bit_count(),
    join_all=lambda one, other: one | other,
    weigh_all=lambda patterns: (
        np.bitwise_count(patterns & 255) - 1.5 * np.bitwise_count(patterns >> 8)
    ),
)


def _cluster(size, *pairs, limits=None, above=0.0):
    return _grouped(size, _scored(pairs), limits or Limits(), above).tolist()


def _scored(pairs):
    left, right, pattern = (np.array(column, dtype=np.int32) for column in zip(*pairs, strict=True))
    patterns, code = np.unique(pattern.astype(np.int64), return_inverse=True)
    weight = BITS.weigh_all(patterns)
    scores = Scores(patterns, 1 / (1 + 2.0**-weight), weight)
    return Pairs(left, right, code.astype(np.int32), scores)


def _grouped(size, pairs, limits, above=0.0):
    joining = pairs.where(pairs.weigh_more(above))
    component = components(size, joining.left, joining.right)
    return cluster(component, pairs, BITS, limits, above=above)


def test_what_nothing_speaks_against_is_one_group():
    assert _cluster(4, (0, 1, 1), (1, 2, 3)) == [0, 0, 0, 3]


def test_the_stronger_pair_wins():
    assert _cluster(3, (0, 1, 7), (1, 2, 1), (0, 2, 0x100)) == [0, 0, 2]


def test_what_conflicts_counts_once_for_a_group():
    conflict = 0x100
    pairs = [(0, 1, 255), (1, 2, 255), (0, 3, 3 | conflict), (1, 3, conflict), (2, 3, conflict)]

    assert _cluster(4, *pairs) == [0, 0, 0, 0]


def test_groups_join_by_all_that_they_share():
    pairs = [(0, 1, 255), (2, 3, 255), (0, 2, 3), (1, 3, 0x100), (0, 3, 0x300), (1, 2, 0x700)]

    assert _cluster(4, *pairs) == [0, 0, 2, 2]


def test_a_higher_bar_joins_less():
    assert _cluster(2, (0, 1, 3), above=3.0) == [0, 1]


def test_guarded_values_and_decisions_keep_groups_apart():
    pairs = [(0, 1, 255), (1, 2, 127), (2, 3, 63)]
    guarded = Limits(guards={0: ("x",), 2: ("y",)})
    decided = Limits(apart={0: frozenset({3}), 3: frozenset({0})})

    assert _cluster(4, *pairs, limits=guarded) == [0, 0, 2, 2]
    assert _cluster(4, *pairs, limits=decided) == [0, 0, 0, 3]


def test_limits_follow_the_group():
    pairs = [(0, 1, 255), (2, 3, 255), (1, 2, 127), (3, 4, 63)]
    limits = Limits(
        guards={0: (None, "x"), 1: ("w", None), 4: ("v", None)}, apart={1: frozenset({4})}
    )

    assert _cluster(5, *pairs, limits=limits) == [0, 0, 0, 0, 4]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=60))
def test_components_are_those_of_a_walk(edges):
    left = np.array([one for one, _ in edges], dtype=np.int32)
    right = np.array([other for _, other in edges], dtype=np.int32)

    label = components(31, left, right).tolist()

    for one, other in edges:
        assert label[one] == label[other]
    assert all(label[row] <= row and label[label[row]] == label[row] for row in range(31))
    reached = {row: {row} for row in range(31)}
    for one, other in edges:
        if reached[one] is not reached[other]:
            reached[one] |= reached[other]
            for row in reached[other]:
                reached[row] = reached[one]
    assert label == [min(reached[row]) for row in range(31)]


PATTERNS = st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(1, (1 << 12) - 1))


@settings(max_examples=60)
@given(st.lists(PATTERNS, min_size=1, max_size=80))
def test_many_components_at_once_are_grouped_as_one_by_one(edges):
    seen = {(min(one, other), max(one, other)): pattern for one, other, pattern in edges}
    pairs = [(one, other, pattern) for (one, other), pattern in seen.items() if one != other]
    if not pairs:
        return
    copies = 500 // len(pairs) + 1
    many = [
        (one + 41 * copy, other + 41 * copy, pattern)
        for copy in range(copies)
        for one, other, pattern in pairs
    ]
    all_pairs = _scored(many)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clustering, "_ROUND", 0)
        groups = _grouped(41 * copies, all_pairs, Limits())

    found = by_correlation(all_pairs, BITS, Limits())
    assert {row: groups[row] for row in found} == {
        row: min(other for other in found if found[other] == found[row]) for row in found
    }


@pytest.mark.parametrize("cells", [1, 100, 4_000_000])
def test_components_of_any_size_are_grouped_as_one_by_one(monkeypatch, cells):
    monkeypatch.setattr(clustering, "_CELLS_AT_ONCE", cells)
    monkeypatch.setattr(clustering, "_LARGE", 30)
    monkeypatch.setattr(clustering, "_ROUND", 0)
    random = np.random.default_rng(7)
    pairs = {}
    first = 0
    for size in [2, 3, 40, 5, 12, 30, 31, *random.integers(2, 20, 60)]:
        for _ in range(4 * size):
            one, other = np.sort(random.choice(size, 2, replace=False)) + first
            pairs[one, other] = int(random.integers(1, 1 << 12))
        first += size
    some = _scored([(*ends, pattern) for ends, pattern in pairs.items()])

    groups = _grouped(first, some, Limits())

    found = by_correlation(some, BITS, Limits())
    assert len(set(groups)) < first
    assert {row: groups[row] for row in found} == {
        row: min(other for other in found if found[other] == found[row]) for row in found
    }


def test_only_where_others_try_pairs_too_a_component_is_grouped_together_with_them(monkeypatch):
    batches = []

    def group(batch, *given):
        batches.append(len(batch.sizes))
        return in_rounds(batch, *given)

    monkeypatch.setattr(clustering, "in_rounds", group)
    small = [(0, 1, 255), (1, 2, 127), (0, 2, 0x100)]
    many = [
        (one + 3 * n, other + 3 * n, pattern) for n in range(100) for one, other, pattern in small
    ]
    large = [(300 + n, 301 + n, 255) for n in range(60)] + [(300, 360, 0x7F00)]

    alone = _cluster(361, *small, *large)
    together = _cluster(361, *many, *large)

    assert batches == [100]
    assert (
        together
        == alone[:3] + [row + 3 * n for n in range(1, 100) for row in alone[:3]] + alone[300:]
    )
