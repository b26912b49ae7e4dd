"""Runs the steps on a Spark cluster: Spark keeps, joins and groups the rows, DuckDB computes
every expression where they are.
"""

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from openprofiles.resolution import blocking
from openprofiles.resolution.blocking import Blocks
from openprofiles.resolution.defining import define, nickname_tables
from openprofiles.resolution.fields import ColumnMapping, MappingError
from openprofiles.resolution.spark.frames import Column, Frame, Frames
from openprofiles.resolution.spark.planning import Planner
from openprofiles.resolution.spark.projecting import ParquetReading
from openprofiles.resolution.spark.starting import session_on
from openprofiles.resolution.spark.syntax import Unsupported, selected
from openprofiles.resolution.steps import Step, literal, quoted

_ROWS_OF_A_GROUP = 50_000
_NUMBER = "file_row_number"


class SparkEngine:
    """Tables in a Spark session; a context manager. `debug` keeps every step's table.

    A session that runs already is used, and left running.
    """

    def __init__(
        self, master: str = "local[*]", *, spill_to: Path | None = None, debug: bool = False
    ) -> None:
        self._debug = debug
        self._tables: dict[str, Frame] = {}
        self._functions: set[str] = set()
        self._sources = 0
        self._connection = duckdb.connect()
        self._folder = Path(tempfile.mkdtemp(dir=spill_to))
        self._session, self._is_ours = session_on(master, self._folder)
        self._speak("US")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._tables.clear()
        self._connection.close()
        if self._is_ours:
            self._session.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def read(self, source: pa.Table | Path, mapping: ColumnMapping) -> tuple[str, str]:
        """Make `source` (Arrow, Parquet or CSV) readable; every worker gets a copy of the file.

        Raises MappingError for a column it does not have.
        """
        self._speak(mapping.country)
        for name, table in nickname_tables().items():
            self.put(name, table)
        path = self._as_parquet(source)
        columns = sorted(mapping.columns())
        file = pq.read_metadata(path)
        if missing := sorted(set(columns) - set(file.schema.to_arrow_schema().names)):
            raise MappingError(f"no such column: {', '.join(missing)}")
        sizes = [file.row_group(group).num_rows for group in range(file.num_row_groups)]
        self._session.sparkContext.addFile(str(path))
        groups = self._session.createDataFrame(
            [(group, sum(sizes[:group])) for group in range(len(sizes))], "c0 int, c1 bigint"
        )
        texts = [Column(name, "VARCHAR") for name in columns]
        schema = ", ".join(f"c{place} string" for place in range(len(texts)))
        data = groups.repartition(max(len(sizes), 1)).mapInArrow(
            ParquetReading(path.name, tuple(columns)), f"{schema}, c{len(texts)} bigint"
        )
        read = Frame.of(data, [*texts, Column(_NUMBER, "BIGINT")])
        self._tables["source"] = self._frames.checkpointed(read)
        return "source", _NUMBER

    def create(self, step: Step) -> None:
        """Make the step's table, then forget what it was the last to read."""
        planned = Planner(self._frames).plan(self._frames.syntax.read(step.select), self._tables)
        self._tables[step.name] = self._frames.checkpointed(planned)
        for name in step.drops:
            self.drop(name)

    def pair(self, blocks: Sequence[Blocks]) -> None:
        """Make `pairs` of what blocks and `copies` have."""
        for step in blocking.steps(blocks):
            self.create(step)

    def put(self, name: str, table: pa.Table) -> None:
        """Send `table` to the workers."""
        self._tables[name] = self._frames.of_arrow(table)

    def fetch(self, query: str) -> Mapping[str, Any]:
        """Columns of the answer as numpy arrays."""
        columns: Mapping[str, Any] = self._answer(query).fetchnumpy()
        return columns

    def table(self, query: str) -> pa.Table:
        """The answer as an Arrow table."""
        table: pa.Table = self._answer(query).to_arrow_table()
        return table

    def drop(self, name: str) -> None:
        """Forget a table; does nothing in debug mode. Spark frees what it held by and by."""
        if not self._debug:
            self._tables.pop(name, None)

    def trim(self) -> None:
        """Do nothing: what is held is the workers'."""

    def _speak(self, country: str) -> None:
        define(self._connection, country, self._functions)
        self._frames = Frames(self._session, self._connection, country)

    def _as_parquet(self, source: pa.Table | Path) -> Path:
        """A Parquet file of a name that Spark has not seen yet."""
        self._sources += 1
        path = self._folder / f"{self._folder.name}_{self._sources}.parquet"
        if not isinstance(source, Path):
            pq.write_table(source, path, row_group_size=_ROWS_OF_A_GROUP)
        elif source.suffix == ".parquet":
            # No link: Spark would bring it along under the name of what it leads to.
            shutil.copyfile(source, path)
        else:
            self._connection.execute(
                f"copy (from read_csv({literal(str(source))}, all_varchar = true, header = true))"
                f" to {literal(str(path))} (format parquet, row_group_size {_ROWS_OF_A_GROUP})"
            )
        return path

    def _answer(self, query: str) -> duckdb.DuckDBPyRelation:
        """What a query gives, put in order at the driver."""
        node = self._frames.syntax.read(query)
        orders = [
            order
            for modifier in node["modifiers"]
            if modifier["type"] == "ORDER_MODIFIER"
            for order in modifier["orders"]
        ]
        node["modifiers"] = [
            modifier for modifier in node["modifiers"] if modifier["type"] != "ORDER_MODIFIER"
        ]
        if orders and node["type"] != "SELECT_NODE":
            raise Unsupported("an order of what is no plain SELECT")
        if orders:
            items = node["select_list"]
            by_what = [order["expression"] for order in orders]
            node["select_list"] = items + [selected(part, items) or part for part in by_what]
        frame = Planner(self._frames).plan(node, self._tables)
        width = len(frame.columns) - len(orders)
        names = [column.name for column in frame.columns[:width]]
        by = ", ".join(
            f"c{place} {'desc' if order['type'] == 'DESCENDING' else ''}"
            for place, order in enumerate(orders, width)
        )
        rows = self._frames.collected(frame, f"order by {by}" if by else "")
        return rows.select(
            ", ".join(f"c{place} as {quoted(name)}" for place, name in enumerate(names))
        )
