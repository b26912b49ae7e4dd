"""Runs the steps on DuckDB, in memory, spilling to a temporary folder."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from copy import copy
from itertools import zip_longest
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa

from openprofiles.resolution import sorted_keys
from openprofiles.resolution.blocking import Blocks
from openprofiles.resolution.defining import define, nickname_tables
from openprofiles.resolution.fields import ColumnMapping, MappingError
from openprofiles.resolution.steps import Step, literal, quoted


class DuckDBEngine:
    """One in-memory database; a context manager. `debug` keeps every step's table."""

    def __init__(
        self,
        *,
        threads: int = 2,
        memory_limit: str = "4GB",
        spill_to: Path | None = None,
        debug: bool = False,
    ) -> None:
        self._debug = debug
        self._memory_limit = memory_limit
        self._functions: set[str] = set()
        self._connection = duckdb.connect()
        self._connection.execute(f"set threads = {int(threads)}")
        self._limit()
        self._connection.execute("set preserve_insertion_order = false")
        self._connection.execute("set enable_progress_bar = false")
        if spill_to is not None:
            self._connection.execute(f"set temp_directory = {literal(str(spill_to))}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    def read(self, source: pa.Table | Path, mapping: ColumnMapping) -> tuple[str, str]:
        """Make `source` (Arrow, Parquet or CSV) readable.

        Raises MappingError for a column it does not have.
        """
        define(self._connection, mapping.country, self._functions)
        for name, table in nickname_tables().items():
            self.put(name, table)
        if isinstance(source, Path) and source.suffix == ".parquet":
            relation, number = (
                f"read_parquet({literal(str(source))}, file_row_number = true)",
                "file_row_number",
            )
        elif isinstance(source, Path):
            self._connection.execute(
                "create or replace table source as from"
                f" read_csv({literal(str(source))}, all_varchar = true, header = true)"
            )
            relation, number = "source", "rowid"
        else:
            self.put("source", source)
            relation, number = "source", "rowid"
        self._require_columns(relation, mapping.columns())
        return relation, number

    def create(self, step: Step) -> None:
        """Make the step's table, then drop what it was the last to read."""
        self._connection.execute(f"create or replace table {quoted(step.name)} as {step.select}")
        for name in step.drops:
            self.drop(name)

    def pair(self, blocks: Sequence[Blocks]) -> None:
        """Make `pairs` of what blocks and `copies` have. Raises EngineUnavailable."""
        found = []
        # Sorting takes one processor, and the next keys are made on the other; no more than one
        # kind ahead, since keys that wait take memory.
        with ThreadPoolExecutor(max_workers=1) as beside:
            coming = beside.submit(self.fetch, blocks[0].keyed)
            for kind, following in zip_longest(blocks, blocks[1:]):
                keyed = coming.result()
                if following:
                    coming = beside.submit(self.fetch, following.keyed)
                found.append(sorted_keys.pairs(keyed["rid"], keyed["key"], kind.cap))
        copies = self.fetch("select l, r from copies")
        self.drop("copies")
        left, right, bits = sorted_keys.each_once([*found, (copies["l"], copies["r"])])
        self.put("pairs", pa.table({"l": left, "r": right, "found": bits}))

    def put(self, name: str, table: pa.Table) -> None:
        """Copy `table` in."""
        self._connection.register("incoming", table)
        self._connection.execute(f"create or replace table {quoted(name)} as from incoming")
        self._connection.unregister("incoming")

    def fetch(self, query: str) -> Mapping[str, Any]:
        """Columns of the answer as numpy arrays."""
        columns: Mapping[str, Any] = self._connection.execute(query).fetchnumpy()
        return columns

    def table(self, query: str) -> pa.Table:
        """The answer as an Arrow table."""
        table: pa.Table = self._connection.sql(query).to_arrow_table()
        return table

    def drop(self, name: str) -> None:
        """Forget a table; does nothing in debug mode."""
        if not self._debug:
            self._connection.execute(f"drop table if exists {quoted(name)}")

    def trim(self) -> None:
        """Give back the memory of what was dropped, which DuckDB else keeps for what comes."""
        self._limit()

    def _limit(self) -> None:
        # Whenever it is told its limit, DuckDB gives back what it does not use.
        self._connection.execute(f"set memory_limit = {literal(self._memory_limit)}")

    @contextmanager
    def beside(self, schema: str) -> Iterator[Self]:
        """Another engine on the same tables, for another thread. What it makes is in a schema of
        its own, where it looks first, and which is dropped in the end.
        """
        other = copy(self)
        with self._connection.cursor() as other._connection:
            other._connection.execute(f"create schema if not exists {quoted(schema)}")
            other._connection.execute(f"set search_path = {literal(f'{schema},main')}")
            yield other
        if not self._debug:
            self._connection.execute(f"drop schema {quoted(schema)} cascade")

    def _require_columns(self, relation: str, wanted: set[str]) -> None:
        self._connection.execute(f"from {relation} limit 0")
        present = {column[0] for column in self._connection.description or ()}
        if missing := sorted(wanted - present):
            raise MappingError(f"no such column: {', '.join(missing)}")
