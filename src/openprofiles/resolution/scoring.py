"""From patterns to confidence: what the weights say of a pair, and of the joint pattern of two
groups.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import exp, log
from operator import getitem

import numpy as np
from numpy.typing import NDArray

from openprofiles.resolution.attributes import ATTRIBUTES, BITS, Relation, unpack
from openprofiles.resolution.correlation import Evidence
from openprofiles.resolution.doubt import LEAST_ODDS, doubtful
from openprofiles.resolution.fitting import Patterns, Weights, confidence

_MOST_BITS = 40.0


def weights_in_bits(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log2 odds of SAME for rows of relation probabilities, within ±40."""
    same = shares[:, Relation.SAME]
    others = np.delete(shares, Relation.SAME, axis=1).sum(axis=1)
    with np.errstate(divide="ignore"):
        odds: NDArray[np.float64] = np.log2(same) - np.log2(others)
    return np.clip(odds, -_MOST_BITS, _MOST_BITS)


def score(
    weights: Weights, patterns: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """For each pattern the confidence that it is one person, and its weight in bits."""
    levels = Patterns.of(patterns, np.ones(len(patterns), dtype=np.int64)).levels
    evidence = weights.evidence(levels)
    least = np.where(doubtful(levels.T), evidence[:, Relation.SAME] + LEAST_ODDS, -np.inf)
    evidence[:, Relation.RELATIVE] = np.maximum(evidence[:, Relation.RELATIVE], least)
    shares = confidence(evidence)
    return shares[:, Relation.SAME], weights_in_bits(shares)


def group_evidence(weights: Weights) -> Evidence:
    """How clustering joins patterns (the better level of each attribute) and weighs them.

    A pattern is read two attributes at a time: a table lookup for each byte.
    """
    worth = weights.shares[Relation.SAME] - weights.shares[Relation.UNRELATED]
    worth[:, 0] = -np.inf
    better = _bytewise(worth)
    shares, sizes = weights.shares.tolist(), weights.sizes.tolist()

    def join(one: int, other: int) -> int:
        joint = 0
        for shift, table in better:
            joint |= table[(one >> shift & 255) << 8 | other >> shift & 255] << shift
        return joint

    @lru_cache(maxsize=1 << 18)
    def weigh(pattern: int) -> float:
        return weigh_levels(sizes, shares, unpack(pattern))

    tables = [(shift, np.array(table, dtype=np.int64)) for shift, table in better]

    def join_all(one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
        joint = np.zeros_like(one)
        for shift, table in tables:
            joint |= table[(one >> shift & 255) << 8 | other >> shift & 255] << shift
        return joint

    def weigh_all(patterns: NDArray[np.int64]) -> NDArray[np.float64]:
        return score(weights, patterns)[1]

    return Evidence(join, weigh, join_all, weigh_all)


def _bytewise(worth: NDArray[np.float64]) -> list[tuple[int, list[int]]]:
    """For each byte of a pattern: its place, and the better of two bytes at the index (one << 8
    | other).
    """
    one, other = np.divmod(np.arange(1 << 16), 256)
    tables = []
    for place in range(0, len(ATTRIBUTES), 2):
        joint = np.zeros(1 << 16, dtype=np.int64)
        for half, row in enumerate(worth[place : place + 2]):
            mine, theirs = (byte >> (BITS * half) & 15 for byte in (one, other))
            joint |= np.where(row[mine] >= row[theirs], mine, theirs) << (BITS * half)
        tables.append((BITS * place, joint.tolist()))
    return tables


def weigh_levels(
    sizes: Sequence[float], shares: Sequence[Sequence[Sequence[float]]], levels: Sequence[int]
) -> float:
    """What `score` says of one pattern's weight, without arrays: for one pair at a time."""
    same, *others = evidence_of(sizes, shares, levels)
    most = max(others)
    against = most + log(sum(exp(other - most) for other in others))
    return min(_MOST_BITS, max(-_MOST_BITS, (same - against) / log(2)))


def evidence_of(
    sizes: Sequence[float], shares: Sequence[Sequence[Sequence[float]]], levels: Sequence[int]
) -> list[float]:
    """For each relation the log of how much speaks for it, the rest of doubt included."""
    evidence = [
        size + sum(map(getitem, relation, levels))
        for size, relation in zip(sizes, shares, strict=True)
    ]
    if doubtful(levels):
        least = evidence[Relation.SAME] + LEAST_ODDS
        evidence[Relation.RELATIVE] = max(evidence[Relation.RELATIVE], least)
    return evidence
