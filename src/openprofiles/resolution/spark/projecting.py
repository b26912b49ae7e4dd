"""What runs where the rows are: a query over one partition at a time, by DuckDB."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyspark import SparkFiles

from openprofiles.resolution.defining import define

_BATCH = 20_000


@cache
def connection_for(country: str) -> duckdb.DuckDBPyConnection:
    """A connection that knows our words; one for each process."""
    connection = duckdb.connect()
    connection.execute("set threads = 1")
    define(connection, country, set())
    return connection


@dataclass(frozen=True, slots=True)
class Projection:
    """Sends the rows of a partition, as table `arrived`, through a query that looks at each row
    by itself.
    """

    query: str
    country: str

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The rows that the query makes of them."""
        first = next(batches, None)
        if first is None:
            return
        connection = connection_for(self.country)
        reader = pa.RecordBatchReader.from_batches(first.schema, chain([first], batches))
        connection.register("arrived", reader)
        yield from connection.sql(self.query).to_arrow_reader(_BATCH)
        connection.unregister("arrived")


@dataclass(frozen=True, slots=True)
class ParquetReading:
    """Reads row groups of a Parquet file that Spark brought along: their columns as text, and the
    number of each row in the file.
    """

    file: str
    columns: tuple[str, ...]

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The rows of the groups that the batches name: a number c0, its first row c1."""
        connection = connection_for("US")
        for batch in batches:
            for group, start in zip(*batch.to_pydict().values(), strict=True):
                yield from self._rows(connection, group, start)

    def _rows(
        self, connection: duckdb.DuckDBPyConnection, group: int, start: int
    ) -> Iterator[pa.RecordBatch]:
        texts = ", ".join(f"c{place}::varchar" for place in range(len(self.columns)))
        with pq.ParquetFile(SparkFiles.get(self.file)) as file:
            for batch in file.iter_batches(_BATCH, [group], list(self.columns)):
                numbers = pa.array(np.arange(start, start + batch.num_rows, dtype=np.int64))
                # Parquet gives the columns in the order of the file.
                arrived = [*(batch.column(name) for name in self.columns), numbers]
                names = [f"c{place}" for place in range(len(arrived))]
                connection.register("arrived", pa.table(arrived, names))
                query = f"select {texts}, {names[-1]} from arrived"
                yield from connection.sql(query).to_arrow_reader(_BATCH)
                connection.unregister("arrived")
                start += batch.num_rows
