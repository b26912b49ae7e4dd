"""The whole run: records in; groups, scored pairs and a model out."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pyarrow as pa

from openprofiles.resolution import (
    again,
    blocking,
    chance,
    clustering,
    comparing,
    features,
    fitting,
    limiting,
    outcome,
    scoring,
)
from openprofiles.resolution.correlation import Limits
from openprofiles.resolution.duckdb_engine import DuckDBEngine
from openprofiles.resolution.engine import Engine
from openprofiles.resolution.fields import ColumnMapping, MappingError
from openprofiles.resolution.model import Model
from openprofiles.resolution.outcome import Resolution
from openprofiles.resolution.scored import Pairs, Rows, Scores
from openprofiles.resolution.slots import TABLES
from openprofiles.resolution.steps import Step, quoted
from openprofiles.resolution.terms import Terms

CUT_OFF = 0.5
"""Confidence from which a pair may join a group; fixed, not tuned."""


def resolve(
    source: pa.Table | Path,
    mapping: ColumnMapping,
    engine: Engine,
    *,
    model: Model | None = None,
    cut_off: float = CUT_OFF,
    pairs_from: float = CUT_OFF,
    apart: Iterable[tuple[str, str]] = (),
    folder: Path | None = None,
) -> Resolution:
    """Find who is who in `source`. Raises MappingError.

    A given `model` is used instead of learning one. The ids in `apart` are known to be two people
    each, and never come into one group.

    With a `folder`, which takes a file of kept values and DuckDB, a run with a given model builds
    on what the last whole one left there if it can, and a whole one leaves what the next ones
    need; what is found is the same. Raises FolderInUse.
    """
    if folder and not (
        isinstance(source, Path) and mapping.kept and isinstance(engine, DuckDBEngine)
    ):
        raise MappingError(
            "a run builds on the last one only with a file of normalised values, and on DuckDB"
        )
    with again.alone(folder) if folder else nullcontext():
        reading, apart = engine.read(source, mapping), tuple(apart)
        if folder and model and isinstance(engine, DuckDBEngine):
            terms = Terms(mapping, model, cut_off, apart)
            if found := again.run(engine, folder, terms, reading, pairs_from):
                return found
        model, size = _find(engine, reading, mapping, model, folder)
        terms = Terms(mapping, model, cut_off, apart)
        return _group(engine, reading, terms, size, pairs_from, folder)


def _find(
    engine: Engine,
    reading: tuple[str, str],
    mapping: ColumnMapping,
    model: Model | None,
    folder: Path | None,
) -> tuple[Model, int]:
    """Make `features`, and `compared` of all candidates; the model, and how many records there
    are.
    """
    for step in features.steps(mapping, *reading):
        engine.create(step)
    size = int(engine.fetch("select n from size")["n"][0])
    slots = len(mapping.identifiers)
    engine.create(blocking.copies(slots))
    if folder:
        again.remember_records(folder, engine, reading, mapping)
    _compare(engine, size, slots, is_learning=model is None)
    return model or _learn(engine, size, slots), size


def _group(
    engine: Engine,
    reading: tuple[str, str],
    terms: Terms,
    size: int,
    pairs_from: float,
    folder: Path | None,
) -> Resolution:
    """Group what `_find` found among `size` records."""
    guards = limiting.guards(engine, terms.mapping, "features")
    # Nothing reads it any more; grouping can have its memory.
    for name in TABLES:
        engine.drop(name)
    engine.trim()
    numbered = _numbered_ids(engine, *reading, terms.mapping.id)
    # Grouping takes one processor; what does not need its result is made on another.
    with ThreadPoolExecutor(max_workers=1) as beside:
        coming = beside.submit(outcome.ids_in_order, numbered)
        scores = _scores(engine, terms.model)
        if folder:
            again.remember_candidates(folder, engine, scores)
        pairs, component = _scored(engine, scores, size, terms.above, pairs_from)
        ids = coming.result()
        given = beside.submit(outcome.pairs_table, ids, pairs, pairs_from)
        label = clustering.cluster(
            component,
            pairs,
            scoring.group_evidence(terms.model.weights),
            Limits(guards, limiting.apart_rows(ids, terms.apart)),
            above=terms.above,
        )
        best = outcome.best_links(label, pairs)
        if folder:
            again.remember_groups(folder, again.Grouping(component, label, best), terms)
        groups = outcome.groups_table(ids, label, best)
        return Resolution(groups, given.result(), terms.model, scores)


def _compare(engine: Engine, size: int, slots: int, *, is_learning: bool) -> None:
    """Find all candidates and compare them; and to learn from, pairs drawn at random, which no key
    found, and namesakes who are no candidates.
    """
    has_copies = bool(engine.fetch("select count(*) as n from copies")["n"][0])
    if is_learning:
        engine.put(chance.DRAWN, chance.drawn(size))
        engine.create(blocking.namesakes(size, has_copies=has_copies))
    engine.pair(blocking.blocks(slots, size, has_copies=has_copies))
    compared = "pairs"
    if is_learning:
        compared = f"""(
  select l, r, found from pairs union all select l, r, 0 from {chance.DRAWN}
  union all select l, r, found from namesakes anti join pairs using (l, r)
)"""
    select = comparing.select(compared, slots)
    engine.create(Step("compared", select, drops=("pairs", chance.DRAWN, "namesakes")))


def _learn(engine: Engine, size: int, slots: int) -> Model:
    found = engine.fetch(
        "select pattern, count(*) filter (found > 0) as candidates,"
        f" count(*) filter (found = {blocking.ONLY_TO_LEARN}) as namesakes,"
        " count(*) filter (found = 0) as drawn"
        " from compared group by pattern order by pattern"
    )
    pattern, candidates, namesakes, drawn = (np.asarray(column) for column in found.values())
    expected = chance.measure(engine, size, slots, chance.Seen(pattern, drawn))
    seen = candidates + blocking.NAMESAKES_IN * namesakes
    patterns = fitting.Patterns.of(pattern[seen > 0], seen[seen > 0])
    return Model(fitting.fit(patterns, expected), size)


def _scores(engine: Engine, model: Model) -> pa.Table:
    found = engine.fetch(
        "select pattern, count(*) as pairs from compared where found > 0"
        " group by pattern order by pattern"
    )
    patterns, numbers = (np.asarray(column) for column in found.values())
    return outcome.scores_table(model, patterns, numbers)


def _scored(
    engine: Engine, scores: pa.Table, size: int, above: float, pairs_from: float
) -> tuple[Pairs, Rows]:
    """The pairs that join, lie inside of a component or are asked for, and for each row its
    component.
    """
    known = Scores(*(scores[name].to_numpy() for name in ("pattern", "confidence", "weight")))
    left, right, code = outcome.read_candidates(engine, scores, "l, r")
    pairs = Pairs(left, right, code, known)
    joins = pairs.weigh_more(above)
    joining = pairs.where(joins)
    component = clustering.components(size, joining.left, joining.right)
    inside = component[pairs.left] == component[pairs.right]
    return pairs.where(joins | pairs.are_from(pairs_from) | inside), component


def _numbered_ids(engine: Engine, relation: str, row_number: str, column: str) -> pa.Table:
    """The records' ids with their rows, in any order."""
    return engine.table(
        f"select ({row_number})::integer as rid, {quoted(column)}::varchar as id from {relation}"
    )
