"""Tables that are spread over a cluster, with the types that DuckDB gives their columns."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import duckdb
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812  as everybody calls them

from openprofiles.resolution.spark import syntax
from openprofiles.resolution.spark.projecting import Projection
from openprofiles.resolution.spark.syntax import Node, Syntax, Unsupported

_PLAIN = {
    "BOOLEAN": "boolean",
    "TINYINT": "tinyint",
    "SMALLINT": "smallint",
    "INTEGER": "int",
    "BIGINT": "bigint",
    "FLOAT": "float",
    "DOUBLE": "double",
    "VARCHAR": "string",
}
_INTEGERS = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT"})
_ENCODED = {
    # Types that Spark lacks, as it keeps them: how they are written, and read again. Order and
    # equality stay.
    "UBIGINT": (
        "({0}::hugeint - 9223372036854775808)::bigint",
        "({0}::hugeint + 9223372036854775808)::ubigint",
    ),
    # What a sum of integers is; one beyond 64 bits is an error.
    "HUGEINT": ("{0}::bigint", "{0}::hugeint"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column's name and its type in DuckDB."""

    name: str
    type: str

    @property
    def is_integer(self) -> bool:
        """Whether Spark compares it with other integers as DuckDB does."""
        return self.type in _INTEGERS


@dataclass(frozen=True, slots=True)
class Frame:
    """Rows in Spark, and the query that DuckDB has yet to send each of them through.

    Spark's columns are c0, c1, … (`given`), as are those of the query (`columns`).
    """

    data: DataFrame
    given: tuple[Column, ...]
    query: Node | None
    columns: tuple[Column, ...]

    @classmethod
    def of(cls, data: DataFrame, columns: Sequence[Column]) -> "Frame":
        """Rows as they are."""
        return cls(data, tuple(columns), None, tuple(columns))

    def named(self, names: Sequence[str]) -> "Frame":
        """The same with other names."""
        columns = tuple(
            Column(name, column.type) for name, column in zip(names, self.columns, strict=True)
        )
        given = columns if self.query is None else self.given
        return replace(self, columns=columns, given=given)


class Frames:
    """Makes frames from frames, row by row."""

    def __init__(
        self, session: SparkSession, connection: duckdb.DuckDBPyConnection, country: str
    ) -> None:
        self.syntax = Syntax(connection)
        self._country = country
        self._session = session
        self._connection = connection

    def of_arrow(self, table: pa.Table) -> Frame:
        """A table of the driver's."""
        self._connection.register("arriving", table)
        columns = self.columns_of("from arriving")
        self._connection.unregister("arriving")
        data = self._session.createDataFrame(
            table.rename_columns([f"c{place}" for place in range(len(columns))])
        )
        return Frame.of(data, columns)

    def columns_of(self, query: str) -> list[Column]:
        """What a query gives, without running it."""
        found = self._connection.execute(f"describe {query}").fetchall()
        return [Column(row[0], row[1]) for row in found]

    def aggregates(self) -> set[str]:
        """The names of all aggregates that DuckDB knows."""
        found = self._connection.execute(
            "select distinct function_name from duckdb_functions()"
            " where function_type = 'aggregate'"
        )
        return {row[0] for row in found.fetchall()}

    def project(self, frame: Frame, items: Sequence[Node], where: Node | None = None) -> Frame:
        """The expressions `items`, over columns named c0, c1, …, of the rows for which `where`
        holds.
        """
        if frame.query is None:
            frame, items, where = _with_used(frame, items, where)
            places = [syntax.place_of(item) for item in items]
            if where is None and None not in places:
                return _chosen(frame, [place for place in places if place is not None])
        sources = ", ".join(
            f"null::{column.type} as c{place}" for place, column in enumerate(frame.columns)
        )
        typed = self.syntax.write(self.syntax.select(items, None, where))
        columns = self.columns_of(f"with batch as (select {sources}) {typed}")
        query = self.syntax.select(items, frame.query, where)
        return replace(frame, query=query, columns=tuple(columns))

    def common_types(self, tables: Sequence[Sequence[Column]]) -> list[str]:
        """The types of the columns of a UNION of tables."""
        rows = " union all ".join(
            f"select {', '.join(f'null::{column.type}' for column in columns)}"
            for columns in dict.fromkeys(tuple(columns) for columns in tables)
        )
        return [column.type for column in self.columns_of(rows)]

    def cast(self, frame: Frame, types: Sequence[str]) -> Frame:
        """The frame with columns of these types."""
        if [column.type for column in frame.columns] == list(types):
            return frame
        casts = ", ".join(f"c{place}::{name}" for place, name in enumerate(types))
        items = self.syntax.read(f"select {casts}")["select_list"]
        return self.project(frame, items).named([column.name for column in frame.columns])

    def settled(self, frame: Frame) -> Frame:
        """The frame with nothing left to do for DuckDB."""
        if frame.query is None:
            return frame
        read = ", ".join(_read(column, place) for place, column in enumerate(frame.given))
        written = ", ".join(_written(column, place) for place, column in enumerate(frame.columns))
        query = (
            f"with batch as (select {read} from arrived)"
            f" select {written} from ({self.syntax.write(frame.query)})"
        )
        schema = ", ".join(
            f"c{place} {spark_type(column.type)}" for place, column in enumerate(frame.columns)
        )
        data = frame.data.mapInArrow(Projection(query, self._country), schema)
        return Frame.of(data, frame.columns)

    def checkpointed(self, frame: Frame) -> Frame:
        """The frame, computed once by whoever needs it first."""
        settled = self.settled(frame)
        return Frame.of(settled.data.localCheckpoint(eager=False), settled.columns)

    def collected(self, frame: Frame, ending: str = "") -> duckdb.DuckDBPyRelation:
        """All rows at the driver. `ending` is what follows FROM: an order of c0, c1, …."""
        settled = self.settled(frame)
        read = ", ".join(_read(column, place) for place, column in enumerate(settled.columns))
        arrived: pa.Table = settled.data.toArrow()
        self._connection.register("arrived", arrived)
        return self._connection.sql(f"select {read} from arrived {ending}")


def spark_type(name: str) -> str:
    """What Spark calls a type of DuckDB's. Raises Unsupported."""
    found = "bigint" if name in _ENCODED else _PLAIN.get(name)
    if found is None:
        raise Unsupported(f"a column of type {name}")
    return found


def _read(column: Column, place: int) -> str:
    _, reading = _ENCODED.get(column.type, ("", "{0}"))
    return f"{reading.format(f'c{place}')} as c{place}"


def _written(column: Column, place: int) -> str:
    writing, _ = _ENCODED.get(column.type, ("{0}", ""))
    return f"{writing.format(f'c{place}')} as c{place}"


def _with_used(
    frame: Frame, items: Sequence[Node], where: Node | None
) -> tuple[Frame, Sequence[Node], Node | None]:
    """Only the columns that are used: the others need not travel to Python and back."""
    named = {syntax.place_of(node) for node in syntax.references([*items, where])}
    used = [place for place in range(len(frame.columns)) if place in named] or [0]
    new = {f"c{place}": syntax.column(number) for number, place in enumerate(used)}

    def change(node: Node) -> Node | None:
        if node["class"] != "COLUMN_REF":
            return None
        return new[node["column_names"][0]] | {"alias": node["alias"]}

    return (
        _chosen(frame, used),
        [syntax.replaced(item, change) for item in items],
        syntax.replaced(where, change),
    )


def _chosen(frame: Frame, places: Sequence[int]) -> Frame:
    data = frame.data.select(
        [F.col(f"c{place}").alias(f"c{number}") for number, place in enumerate(places)]
    )
    return Frame.of(data, [frame.columns[place] for place in places])
