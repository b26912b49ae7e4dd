"""What is read of all records, by their rows."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from openprofiles.resolution.engine import Engine
from openprofiles.resolution.fields import ColumnMapping
from openprofiles.resolution.steps import quoted

Rows = NDArray[np.int64]
"""Numbers of records, or of pairs."""

TIERS = (
    "(coalesce(town_is_rare, false)::tinyint + (coalesce(last_tier, 0)::tinyint << 1)"
    " + (coalesce(name_tier, 0)::tinyint << 3))::tinyint as tiers"
)
"""What the counts of a record's names tell, as one number."""


def read_digests(
    engine: Engine, source: tuple[str, str], mapping: ColumnMapping
) -> tuple[NDArray[np.uint64], pa.Table]:
    """By row what tells whether a record has changed, its id included; and the ids with their
    rows, in any order.
    """
    relation, row_number = source
    columns = ", ".join(map(quoted, (mapping.id, *mapping.kept, *mapping.identifiers)))
    found = engine.table(
        f"select ({row_number})::integer as rid, hash({columns}) as digest,"
        f" {quoted(mapping.id)}::varchar as id from {relation}"
    )
    digest = np.empty(found.num_rows, dtype=np.uint64)
    digest[found["rid"].to_numpy()] = found["digest"].to_numpy()
    return digest, found.drop_columns("digest")


def by_row(engine: Engine, query: str, size: int) -> list[NDArray[Any]]:
    """The columns of SELECT rid, … in the order of the rows, of which there are `size`."""
    rows, *columns = (np.asarray(column) for column in engine.fetch(query).values())
    ordered = [np.empty(size, dtype=column.dtype) for column in columns]
    for column, values in zip(ordered, columns, strict=True):
        column[rows] = values
    return ordered
