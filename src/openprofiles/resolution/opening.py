"""Opens the engine that is asked for by name."""

from contextlib import AbstractContextManager
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from openprofiles.resolution.duckdb_engine import DuckDBEngine
from openprofiles.resolution.engine import Engine, EngineUnavailable

EngineName = Literal["duckdb", "spark"]


def require_engine(name: EngineName) -> None:
    """EngineUnavailable when what the engine needs is not installed."""
    if name == "spark" and find_spec("pyspark") is None:
        raise EngineUnavailable("Spark is an extra: pip install 'openprofiles[spark]'")


def open_engine(
    name: EngineName,
    *,
    threads: int,
    memory_limit: str,
    spark_master: str,
    spill_to: Path | None = None,
) -> AbstractContextManager[Engine]:
    """An engine, to be closed. `threads` and `memory_limit` are for DuckDB; Spark has files of
    its own for such.

    Raises EngineUnavailable.
    """
    require_engine(name)
    if name == "spark":  # pragma: no cover (by `make test-spark`, where Spark is installed)
        # Imported here: not everybody has it.
        from openprofiles.resolution.spark import SparkEngine

        return SparkEngine(spark_master, spill_to=spill_to)
    return DuckDBEngine(threads=threads, memory_limit=memory_limit, spill_to=spill_to)
