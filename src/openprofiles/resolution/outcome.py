"""What a run gives: groups, pairs and scores as tables, made of what it found by rows."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from openprofiles.resolution import clustering, scoring
from openprofiles.resolution.clustering import Floats, Integers
from openprofiles.resolution.model import Model


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a run found.

    `groups` has a row for every record in a group of two or more: `id`, `group` (the same number
    for one person) and `confidence` (of its best link inside). `pairs` has the candidates from
    `pairs_from` on: `left_id`, `right_id`, `confidence`, `weight` (bits) and `pattern`. `scores`
    has for each pattern its `confidence`, `weight` and number of `pairs`, of all candidates.
    """

    groups: pa.Table
    pairs: pa.Table
    model: Model
    scores: pa.Table


def scores_table(model: Model, patterns: Integers, numbers: Integers) -> pa.Table:
    """What the model says of each pattern; `numbers` tells how many pairs have it."""
    confidence, weight = scoring.score(model.weights, patterns)
    return pa.table(
        {"pattern": patterns, "confidence": confidence, "weight": weight, "pairs": numbers}
    )


def best_links(label: Integers, pairs: clustering.Pairs, confidence: Floats) -> Floats:
    """By row the confidence of the best of the pairs inside of its group; 0 for none."""
    inside = label[pairs.left] == label[pairs.right]
    best = np.zeros(len(label))
    np.maximum.at(best, pairs.left[inside], confidence[inside])
    np.maximum.at(best, pairs.right[inside], confidence[inside])
    return best


def groups_table(ids: "pa.Array[Any]", label: Integers, best: Floats) -> pa.Table:
    """The groups of two and more."""
    grouped = np.flatnonzero(np.bincount(label, minlength=len(label))[label] > 1)
    grouped = grouped[np.argsort(label[grouped], kind="stable")]
    return pa.table(
        {"id": _taken(ids, grouped), "group": label[grouped], "confidence": best[grouped]}
    )


def pairs_table(ids: "pa.Array[Any]", pairs: clustering.Pairs, confidence: Floats) -> pa.Table:
    """Pairs, the surest first."""
    chosen = np.argsort(pairs.left.astype(np.int64) << 32 | pairs.right)
    chosen = chosen[np.argsort(-pairs.weight[chosen], kind="stable")]
    ordered = pairs.where(chosen)
    return pa.table(
        {
            "left_id": _taken(ids, ordered.left),
            "right_id": _taken(ids, ordered.right),
            "confidence": confidence[chosen],
            "weight": ordered.weight,
            "pattern": ordered.pattern,
        }
    )


def _taken(column: "pa.Array[Any]", rows: NDArray[np.int64]) -> "pa.Array[Any]":
    return column.take(rows)
