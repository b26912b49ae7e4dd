"""Explain two records of a file: read them, judge them as the run did, and say why."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa

from openprofiles.resolution import kept
from openprofiles.resolution.engine import Engine
from openprofiles.resolution.explaining import Explanation, score_pair
from openprofiles.resolution.fields import ColumnMapping
from openprofiles.resolution.findings import findings
from openprofiles.resolution.model import Model
from openprofiles.resolution.record import Features, judged, normalised
from openprofiles.resolution.steps import literal, quoted


class UnknownRecord(LookupError):
    """No record of the file has this id."""


def explain_pair(
    source: pa.Table | Path,
    mapping: ColumnMapping,
    engine: Engine,
    model: Model,
    ids: tuple[str, str],
) -> Explanation:
    """Say why two records of `source` are, or are not, one person, going by the run that `engine`
    has just done. Raises UnknownRecord.
    """
    relation, _ = engine.read(source, mapping)
    records = read_records(engine, relation, mapping, ids)
    if not records.keys() >= set(ids):
        raise UnknownRecord("no record has this id")
    one, other = (records[id] for id in ids)
    known = findings(engine, about=(one, other))
    return score_pair(model, judged(one, known), judged(other, known))


def read_records(
    engine: Engine, relation: str, mapping: ColumnMapping, ids: Iterable[str]
) -> dict[str, Features]:
    """The features of the records with these ids, by id; those that are not there are left out."""
    columns = ", ".join(f"{quoted(name)}::varchar as {quoted(name)}" for name in mapping.columns())
    wanted = ", ".join(map(literal, ids))
    rows = engine.table(
        f"select {columns} from {relation} where {quoted(mapping.id)}::varchar in ({wanted})"
    ).to_pylist()
    return {row[mapping.id]: _features(row, mapping) for row in rows}


def _features(row: dict[str, Any], mapping: ColumnMapping) -> Features:
    if mapping.kept:
        return kept.features_of(row, mapping)
    return normalised(
        {field: _joined(row, names) for field, names in mapping.fields.items()},
        identifiers=[row[name] for name in mapping.identifiers],
        country=mapping.country,
    )


def _joined(row: dict[str, Any], names: tuple[str, ...]) -> str | None:
    """The text of a field; of several columns what the run makes of them."""
    if len(names) == 1:
        text: str | None = row[names[0]]
        return text
    parts = ((row[name] or "").strip(" ") for name in names)
    return " ".join(part for part in parts if part) or None
