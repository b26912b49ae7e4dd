"""Records whose values were normalised when they were written, and kept: as JSON one by one for
look-ups, as columns for runs. The steps from such columns to `cleaned` are those of `cleaning.py`
without the normalising, and end in the same table.
"""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from openprofiles.resolution import cleaning
from openprofiles.resolution.engine import Engine
from openprofiles.resolution.fields import MOST_IDENTIFIERS, ColumnMapping
from openprofiles.resolution.nicknames_table import full_names
from openprofiles.resolution.record import Features
from openprofiles.resolution.slots import EMAIL_SLOTS, PHONE_SLOTS
from openprofiles.resolution.steps import Step, quoted

Value = TypeVar("Value")

ID = "id"
# A group of rows is read by one processor.
_ROWS_OF_A_GROUP = 100_000
_TEXTS = (
    "first_name", "middle_name", "last_name", "generation", "business", "house", "street", "zip",
    "town",
)  # fmt: skip
_REPEATING = frozenset({*_TEXTS, "birth"})
_EMAILS = tuple(f"e{slot}" for slot in range(1, EMAIL_SLOTS + 1))
_PHONES = tuple(f"p{slot}" for slot in range(1, PHONE_SLOTS + 1))
_TYPES = {
    **dict.fromkeys((*_TEXTS, *_EMAILS), "VARCHAR"),
    **dict.fromkeys((*_PHONES, "work_phone"), "BIGINT"),
    "birth": "INTEGER",
}
COLUMNS = tuple(_TYPES)
"""The columns of kept values, beside ID and the identifiers."""

_STRUCTURE = ", ".join(
    (
        *(f'"{name}":"VARCHAR"' for name in _TEXTS),
        '"birth":"INTEGER"',
        '"work_phone":"BIGINT"',
        '"phones":[["BIGINT"]]',
        '"emails":[["VARCHAR"]]',
        '"identifiers":["VARCHAR"]',
    )
)


def schema(identifiers: int) -> pa.Schema:
    """The columns of kept values with so many identifiers."""
    kinds: dict[str, pa.DataType] = {
        "VARCHAR": pa.string(),
        "BIGINT": pa.int64(),
        "INTEGER": pa.int32(),
    }
    return pa.schema(
        [
            (ID, pa.string()),
            *((name, kinds[kind]) for name, kind in _TYPES.items()),
            *((f"i{slot}", pa.string()) for slot in range(1, identifiers + 1)),
        ]
    )


def mapping_of(identifiers: int, guarded: frozenset[int] = frozenset()) -> ColumnMapping:
    """How a table of kept values is read, with so many identifiers (`i1` and so on), of which some
    may be guarded.
    """
    return ColumnMapping(
        id=ID,
        fields={},
        identifiers=tuple(f"i{slot}" for slot in range(1, identifiers + 1)),
        guarded=frozenset(f"i{slot}" for slot in guarded),
        kept=COLUMNS,
    )


def mapping_for(columns: Collection[str], guarded: frozenset[str]) -> ColumnMapping | None:
    """How a table of these columns is read if it has kept values; None when it has others."""
    if not {ID, *COLUMNS} <= set(columns):
        return None
    slots = range(1, MOST_IDENTIFIERS + 1)
    return mapping_of(
        sum(f"i{slot}" in columns for slot in slots),
        frozenset(slot for slot in slots if f"i{slot}" in guarded),
    )


def mapping_after(mapping: ColumnMapping) -> ColumnMapping:
    """How what `normalise` makes of a source with `mapping` is read."""
    slots = enumerate(mapping.identifiers, 1)
    return mapping_of(
        len(mapping.identifiers), frozenset(slot for slot, name in slots if name in mapping.guarded)
    )


def normalise(source: Any, mapping: ColumnMapping, engine: Engine) -> pa.Table:
    """The values of the records in `source`, normalised, in their order; `mapping_after` says how
    to read them. Raises MappingError.
    """
    relation, row_number = engine.read(source, mapping)
    reading = steps if mapping.kept else cleaning.steps
    for step in reading(mapping, relation, row_number):
        engine.create(step)
    names = (*COLUMNS, *(f"i{slot}" for slot in range(1, len(mapping.identifiers) + 1)))
    values = engine.table(f"select rid, {', '.join(names)} from cleaned order by rid")
    ids = engine.table(
        f"select ({row_number})::integer as rid, {quoted(mapping.id)}::varchar as id"
        f" from {relation} order by rid"
    )
    engine.drop("cleaned")
    return values.drop_columns(["rid"]).add_column(0, ID, ids["id"])


def writer(path: Path, columns: pa.Schema) -> pq.ParquetWriter:
    """Writes a Parquet file that runs read quickly: of values that repeat, each is there once a
    group of rows.
    """
    repeat = [name for name in columns.names if name in _REPEATING]
    # Its types know no names of columns here.
    given: dict[str, Any] = {"compression": "lz4", "use_dictionary": repeat}
    return pq.ParquetWriter(path, columns, **given)


def write(values: pa.Table, path: Path) -> None:
    """Write what `normalise` made."""
    with writer(path, values.schema) as file:
        file.write_table(values, row_group_size=_ROWS_OF_A_GROUP)


def as_columns(table: pa.Table, identifiers: int) -> pa.Table:
    """Columns of the kept values in a table of `id` and `features`, the JSON of `Features`."""
    slots = (
        *(f"t.phones[{slot}][1] as p{slot}" for slot in range(1, PHONE_SLOTS + 1)),
        *(f"t.emails[{slot}][1] as e{slot}" for slot in range(1, EMAIL_SLOTS + 1)),
        *(f"t.identifiers[{slot}] as i{slot}" for slot in range(1, identifiers + 1)),
    )
    whole = ", ".join(f"t.{name}" for name in (*_TEXTS, "birth", "work_phone"))
    with duckdb.connect() as connection:
        connection.register("incoming", table)
        read: pa.Table = connection.sql(
            f"select id, {whole}, {', '.join(slots)} from ("
            f"select id, json_transform(features, '{{{_STRUCTURE}}}') as t from incoming)"
        ).to_arrow_table()
    return read.select(schema(identifiers).names).cast(schema(identifiers))


def features_of(row: Mapping[str, Any], mapping: ColumnMapping) -> Features:
    """A row of such columns, with numbers as text or not, as it is judged one by one."""

    def slots(
        names: tuple[str, ...], read: Callable[[Any], Value]
    ) -> tuple[tuple[Value, int], ...]:
        return tuple((read(row[name]), 0) for name in names if row[name] is not None)

    first, birth, work_phone = (row[name] for name in ("first_name", "birth", "work_phone"))
    return Features(
        **{name: row[name] for name in _TEXTS},
        counted=full_names().get(first) if first else None,
        birth=int(birth) if birth is not None else None,
        town_is_rare=False,
        last_tier=0,
        name_tier=0,
        phones=slots(_PHONES, int),
        emails=slots(_EMAILS, str),
        identifiers=tuple(row[name] for name in mapping.identifiers),
        work_phone=int(work_phone) if work_phone is not None else None,
    )


def steps(mapping: ColumnMapping, source: str, row_number: str) -> list[Step]:
    """The steps from `source` (what can stand after FROM), whose rows `row_number` numbers from
    0.
    """

    def counted(column: str) -> str:
        return (
            f"select {column} as name, count(*) as holders from {source}"
            f" where {column} is not null group by {column}"
        )

    records = cleaned(read(mapping, source, row_number), len(mapping.identifiers))
    return [
        *_dictionaries(counted),
        *cleaning.counts(),
        Step("cleaned", records, drops=DICTIONARIES),
    ]


def dictionaries_of_some(source: str) -> list[Step]:
    """What `cleaned` wants to be there for some of the records, which are in the table `source` as
    `read` gives them; `first_names` and the other tables of `cleaning.counts` tell of all.
    """

    def counted(column: str) -> str:
        return (
            f"select {column} as name, n as holders from {column}s"
            f" semi join {source} using ({column})"
        )

    return _dictionaries(counted)


def _dictionaries(counted: Callable[[str], str]) -> list[Step]:
    given = (
        "select name, holders, nicknames.code as nickname, nicknames.counted"
        f" from ({counted('first_name')}) left join nicknames using (name)"
    )
    family = f"select *, {cleaning.SKELETON} as skeleton from ({counted('last_name')})"
    return [
        Step("given_texts", given),
        Step("family_texts", family),
        Step("city_texts", counted("town")),
    ]


DICTIONARIES = ("given_texts", "family_texts", "city_texts")
"""Tables of which only `cleaned` is made."""


def read(mapping: ColumnMapping, source: str, row_number: str) -> str:
    """SELECT rid and the kept values, the identifiers as i1 and so on."""
    columns = ", ".join(f"{name}::{kind.lower()} as {name}" for name, kind in _TYPES.items())
    slots = "".join(
        f", {quoted(name)}::varchar as i{slot}" for slot, name in enumerate(mapping.identifiers, 1)
    )
    return f"select ({row_number})::integer as rid, {columns}{slots} from {source}"


def cleaned(records: str, slots: int) -> str:
    """SELECT what `cleaned` holds of records that `read` reads, with so many identifiers."""
    names = (*COLUMNS, *(f"i{slot}" for slot in range(1, slots + 1)))
    own = ", ".join(f"kept.{name}" for name in names)
    return f"""
with kept as ({records})
select kept.rid, first.holders as first_holders, first.nickname, first.counted,
  last.holders as last_holders, last.skeleton, city.holders as town_holders, {own}
from kept left join given_texts first on first.name = kept.first_name
left join family_texts last on last.name = kept.last_name
left join city_texts city on city.name = kept.town
"""
