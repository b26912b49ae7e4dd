"""What a run gives: groups, pairs and scores as tables, made of what it found by rows."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from openprofiles.resolution import scoring
from openprofiles.resolution.engine import Engine
from openprofiles.resolution.model import Model
from openprofiles.resolution.scored import Floats, Integers, Pairs, Places, Rows
from openprofiles.resolution.sorted_keys import stable_order


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


def best_links(label: Rows, pairs: Pairs) -> Floats:
    """By row the confidence of the best of the pairs inside of its group; 0 for none."""
    inside = pairs.where(label[pairs.left] == label[pairs.right])
    best, confidence = np.zeros(len(label)), inside.confidence
    np.maximum.at(best, inside.left, confidence)
    np.maximum.at(best, inside.right, confidence)
    return best


def groups_table(ids: "pa.Array[Any]", label: Rows, best: Floats) -> pa.Table:
    """The groups of two and more."""
    grouped = np.flatnonzero(np.bincount(label, minlength=len(label))[label] > 1)
    grouped = grouped[stable_order(label[grouped])]
    return pa.table(
        {"id": _taken(ids, grouped), "group": label[grouped], "confidence": best[grouped]}
    )


def pairs_table(ids: "pa.Array[Any]", pairs: Pairs, pairs_from: float) -> pa.Table:
    """The pairs from a confidence on, the surest first."""
    chosen = pairs.where(pairs.are_from(pairs_from))
    ordered = chosen.take(np.argsort(chosen.left.astype(np.int64) << 32 | chosen.right))
    ordered = ordered.take(stable_order(ordered.ranks()))
    return pa.table(
        {
            "left_id": _taken(ids, ordered.left),
            "right_id": _taken(ids, ordered.right),
            "confidence": ordered.confidence,
            "weight": ordered.weight,
            "pattern": ordered.pattern,
        }
    )


def ids_in_order(numbered: pa.Table) -> "pa.Array[Any]":
    """By row the ids of a table of `rid` and `id`."""
    table = numbered.combine_chunks()
    places = np.empty(table.num_rows, dtype=np.int64)
    places[table["rid"].to_numpy()] = np.arange(table.num_rows)
    return _taken(table["id"].combine_chunks(), places)


def read_candidates(engine: Engine, scores: pa.Table, columns: str) -> list[NDArray[Any]]:
    """These columns of all candidates in `compared`, and the place of each one's pattern in
    `scores`.
    """
    codes = np.arange(scores.num_rows, dtype=np.int32)
    engine.put("patterns", pa.table({"pattern": scores["pattern"], "code": codes}))
    found = engine.fetch(
        f"select {columns}, code from compared join patterns using (pattern) where found > 0"
    )
    engine.drop("patterns")
    return [np.asarray(column) for column in found.values()]


def _taken(column: "pa.Array[Any]", rows: Places) -> "pa.Array[Any]":
    return column.take(rows)
