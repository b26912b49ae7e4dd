"""What must not meet in one group, as grouping wants it."""

from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from openprofiles.resolution.engine import Engine
from openprofiles.resolution.fields import ColumnMapping


def guards(
    engine: Engine, mapping: ColumnMapping, records: str
) -> dict[int, tuple[str | None, ...]]:
    """By row the guarded identifiers of those in the table `records` that have one."""
    guarded = [
        f"i{slot}" for slot, name in enumerate(mapping.identifiers, 1) if name in mapping.guarded
    ]
    if not guarded:
        return {}
    some = " or ".join(f"{column} is not null" for column in guarded)
    table = engine.table(f"select rid, {', '.join(guarded)} from {records} where {some}")
    return {row.pop("rid"): tuple(row.values()) for row in table.to_pylist()}


def apart_rows(ids: "pa.Array[Any]", apart: Iterable[tuple[str, str]]) -> dict[int, frozenset[int]]:
    """By row the rows that are known to be others, of pairs of the `ids` of the rows."""
    pairs = list(apart)
    if not pairs:
        return {}
    rows = [
        pc.index_in(pa.array(names, ids.type), value_set=ids).to_pylist()
        for names in zip(*pairs, strict=True)
    ]
    found: dict[int, set[int]] = {}
    for one, other in zip(*rows, strict=True):
        if one is not None and other is not None:
            found.setdefault(one, set()).add(other)
            found.setdefault(other, set()).add(one)
    return {row: frozenset(others) for row, others in found.items()}
