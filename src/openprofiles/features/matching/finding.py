"""Runs the engine on a file of records: match groups, what was learned, what is known of values."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from openprofiles import resolution
from openprofiles.core.ids import Id
from openprofiles.core.settings import Settings
from openprofiles.features.matching import records

MOST_CHANGE = 0.1
"""By what share more or fewer records there may be than a model was learned from."""

FEWEST = 2
"""Records without which there is nothing to match."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a run found in `size` records.

    `groups` has `match_id` (from 0, the surest first), `profile_id` and `confidence` (of the group:
    how sure its least certain profile is); `values` is `resolution.value_table`.
    """

    size: int
    groups: pa.Table
    values: pa.Table
    model: resolution.Model | None


def find(
    path: Path,
    size: int,
    settings: Settings,
    folder: Path,
    apart: Iterable[tuple[Id, Id]],
    *,
    model: resolution.Model | None = None,
    mapping: resolution.ColumnMapping = records.MAPPING,
) -> Found:
    """Match the `size` records in a Parquet file; the engine spills to `folder`.

    A `model` of an earlier run is used again when it was learned from about as many: who was one
    person yesterday stays one, unless something was said of them since.
    """
    if size < FEWEST:
        return Found(size, _NO_GROUPS, _NO_VALUES, None)
    with resolution.open_engine(
        settings.resolution_engine,
        threads=settings.resolution_threads,
        memory_limit=settings.resolution_memory,
        spark_master=settings.spark_master,
        spill_to=folder,
    ) as engine:
        found = resolution.resolve(
            path,
            mapping,
            engine,
            model=model if model is not None and _still_fits(model, size) else None,
            apart=apart,
            pairs_from=1.1,
        )
        values = resolution.value_table(engine)
    # In the order of their key, in which the database takes them fastest.
    values = values.sort_by([("kind", "ascending"), ("value", "ascending")])
    return Found(size, numbered(found.groups), values, found.model)


def _still_fits(model: resolution.Model, size: int) -> bool:
    return abs(size - model.records) <= MOST_CHANGE * model.records


def numbered(groups: pa.Table) -> pa.Table:
    """Groups of the engine by falling confidence, with a number and a confidence each."""
    if not groups.num_rows:
        return _NO_GROUPS
    each = groups.group_by("group").aggregate([("confidence", "min"), ("id", "min")])
    each = each.sort_by([("confidence_min", "descending"), ("id_min", "ascending")])
    each = each.append_column("match_id", pa.array(range(each.num_rows), pa.int32()))
    joined = groups.select(["id", "group"]).join(each, keys="group")
    return pa.table(
        {
            "match_id": joined["match_id"],
            "profile_id": joined["id"],
            "confidence": joined["confidence_min"],
        }
    ).sort_by([("match_id", "ascending"), ("profile_id", "ascending")])


_NO_GROUPS = pa.table(
    {
        "match_id": pa.array([], pa.int32()),
        "profile_id": pa.array([], pa.string()),
        "confidence": pa.array([], pa.float64()),
    }
)
_NO_VALUES = pa.table(
    {
        "kind": pa.array([], pa.int8()),
        "value": pa.array([], pa.string()),
        "number": pa.array([], pa.int32()),
    }
)
