"""The whole run: records in; groups, scored pairs and a model out."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import log2
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from openprofiles.resolution import (
    blocking,
    chance,
    clustering,
    comparing,
    features,
    fitting,
    scoring,
)
from openprofiles.resolution.engine import Engine
from openprofiles.resolution.fields import ColumnMapping
from openprofiles.resolution.model import Model
from openprofiles.resolution.steps import Step, quoted

CUT_OFF = 0.5
"""Confidence from which a pair may join a group; fixed, not tuned."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a run found.

    `groups` has a row for every record in a group of two or more: `id`, `group` (the same number
    for one person) and `confidence` (of its best link inside). `pairs` has the candidates from
    `pairs_from` on: `left_id`, `right_id`, `confidence`, `weight` (bits) and `pattern`.
    """

    groups: pa.Table
    pairs: pa.Table
    model: Model


def resolve(
    source: pa.Table | Path,
    mapping: ColumnMapping,
    engine: Engine,
    *,
    model: Model | None = None,
    cut_off: float = CUT_OFF,
    pairs_from: float = CUT_OFF,
    apart: Iterable[tuple[str, str]] = (),
) -> Resolution:
    """Find who is who in `source`. Raises MappingError.

    A given `model` is used instead of learning one. The ids in `apart` are known to be two people
    each, and never come into one group.
    """
    relation, row_number = engine.read(source, mapping)
    slots = len(mapping.identifiers)
    for step in features.steps(mapping, relation, row_number):
        engine.create(step)
    size = int(engine.fetch("select n from size")["n"][0])
    engine.create(blocking.copies(slots))
    has_copies = bool(engine.fetch("select count(*) as n from copies")["n"][0])
    for step in blocking.steps(slots, size, has_copies=has_copies):
        engine.create(step)
    engine.create(Step("compared", comparing.select("pairs", slots), drops=("pairs",)))
    if model is None:
        model = _learn(engine, size, slots)
    ids = f"({row_number})::integer as rid, {quoted(mapping.id)}::varchar as id"
    engine.create(Step("ids", f"select {ids} from {relation}"))
    pairs, confidence = _score(engine, model)
    label = clustering.cluster(
        size,
        pairs,
        scoring.group_evidence(model.weights),
        clustering.Limits(_guards(engine, mapping), _apart(engine, apart)),
        above=log2(cut_off / (1 - cut_off)),
    )
    groups = _groups(engine, label, pairs, confidence)
    return Resolution(groups, _pairs(engine, pairs, confidence, pairs_from), model)


def _learn(engine: Engine, size: int, slots: int) -> Model:
    found = engine.fetch(
        "select pattern, count(*) as n from compared group by pattern order by pattern"
    )
    patterns = fitting.Patterns.of(np.asarray(found["pattern"]), np.asarray(found["n"]))
    return Model(fitting.fit(patterns, chance.measure(engine, size, slots)), size)


def _score(engine: Engine, model: Model) -> tuple[clustering.Pairs, NDArray[np.float64]]:
    patterns = np.asarray(engine.fetch("select distinct pattern from compared")["pattern"])
    confidence, weight = scoring.score(model.weights, patterns)
    scores = {"pattern": patterns, "confidence": confidence, "weight": weight}
    engine.put("scores", pa.table(scores))
    columns = engine.fetch(
        "select l, r, pattern, confidence, weight from compared join scores using (pattern)"
    )
    left, right, pattern, confidence, weight = (np.asarray(column) for column in columns.values())
    engine.drop("scores")
    return clustering.Pairs(left, right, pattern, weight), confidence


def _guards(engine: Engine, mapping: ColumnMapping) -> dict[int, tuple[str | None, ...]]:
    guarded = [
        f"i{slot}" for slot, name in enumerate(mapping.identifiers, 1) if name in mapping.guarded
    ]
    if not guarded:
        return {}
    some = " or ".join(f"{column} is not null" for column in guarded)
    table = engine.table(f"select rid, {', '.join(guarded)} from features where {some}")
    return {row.pop("rid"): tuple(row.values()) for row in table.to_pylist()}


def _apart(engine: Engine, apart: Iterable[tuple[str, str]]) -> dict[int, frozenset[int]]:
    both = [pair for one, other in apart for pair in ((one, other), (other, one))]
    if not both:
        return {}
    engine.put("apart", pa.table(list(zip(*both, strict=True)), names=["one", "other"]))
    table = engine.table(
        "select mine.rid as rid, list(theirs.rid) as others from apart"
        " join ids mine on mine.id = one join ids theirs on theirs.id = other group by mine.rid"
    )
    engine.drop("apart")
    return {row["rid"]: frozenset(row["others"]) for row in table.to_pylist()}


def _groups(
    engine: Engine,
    label: NDArray[np.int64],
    pairs: clustering.Pairs,
    confidence: NDArray[np.float64],
) -> pa.Table:
    inside = label[pairs.left] == label[pairs.right]
    best = np.zeros(len(label))
    np.maximum.at(best, pairs.left[inside], confidence[inside])
    np.maximum.at(best, pairs.right[inside], confidence[inside])
    grouped = np.flatnonzero(np.bincount(label, minlength=len(label))[label] > 1)
    engine.put(
        "grouped", pa.table({"rid": grouped, "label": label[grouped], "confidence": best[grouped]})
    )
    table = engine.table(
        'select id, label as "group", confidence from grouped join ids using (rid)'
        " order by label, id"
    )
    engine.drop("grouped")
    return table


def _pairs(
    engine: Engine, pairs: clustering.Pairs, confidence: NDArray[np.float64], above: float
) -> pa.Table:
    chosen = confidence >= above
    kept = pairs.where(chosen)
    engine.put(
        "chosen",
        pa.table(
            {
                "l": kept.left,
                "r": kept.right,
                "pattern": kept.pattern,
                "confidence": confidence[chosen],
                "weight": kept.weight,
            }
        ),
    )
    table = engine.table(
        "select one.id as left_id, other.id as right_id, confidence, weight, pattern from chosen"
        " join ids one on one.rid = l join ids other on other.rid = r order by weight desc, l, r"
    )
    engine.drop("chosen")
    return table
