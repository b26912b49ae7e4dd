"""What tests of resolution share: the engines they run on, and generated customers with their
truth.
"""

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

from openprofiles.resolution import (
    ColumnMapping,
    DuckDBEngine,
    Engine,
    Resolution,
    guess_mapping,
    resolve,
)

if TYPE_CHECKING:
    from openprofiles.resolution.spark import SparkEngine

BENCH = Path(__file__).parents[2] / "bench" / "resolution"


# A small Java that starts quickly: it lives for minutes, so little is worth compiling.
SPARK_DEFAULTS = """
spark.driver.memory 1g
spark.driver.extraJavaOptions -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
spark.sql.codegen.wholeStage false
spark.sql.codegen.factoryMode NO_CODEGEN
"""


@pytest.fixture(scope="session")
def cluster(tmp_path_factory) -> Iterator[str]:
    """The name of a local Spark cluster, which runs until the last test."""
    from openprofiles.resolution.spark import SparkEngine

    folder = tmp_path_factory.mktemp("spark")
    (folder / "spark-defaults.conf").write_text(SPARK_DEFAULTS, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_CONF_DIR", str(folder))
        engine = SparkEngine("local[2]", spill_to=folder)
    with engine:
        yield "local[2]"


@pytest.fixture
def duckdb_engine() -> Iterator[DuckDBEngine]:
    """A fresh engine on DuckDB, which keeps every step's table."""
    with DuckDBEngine(threads=1, debug=True) as engine:
        yield engine


@pytest.fixture
def spark_engine(cluster) -> "Iterator[SparkEngine]":
    """The same on Spark."""
    from openprofiles.resolution.spark import SparkEngine

    with SparkEngine(cluster, debug=True) as engine:
        yield engine


@pytest.fixture(params=["duckdb", pytest.param("spark", marks=pytest.mark.spark)])
def engine(request) -> Engine:
    """A fresh engine of each kind, which keeps every step's table."""
    engine: Engine = request.getfixturevalue(f"{request.param}_engine")
    return engine


@pytest.fixture(scope="session")
def bench() -> Iterator[Any]:
    """A module of the benchmark by name: its generator makes the tests' customers."""
    sys.path.insert(0, str(BENCH))

    def module(name: str) -> ModuleType:
        return import_module(name)

    yield module
    sys.path.remove(str(BENCH))


@pytest.fixture(scope="session")
def customers(bench) -> pa.Table:
    """4,000 records of customers, some in other scripts, with EntityId as truth."""
    return pa.Table.from_pylist(list(bench("generate").records(4000, 3)))


def mapping_of(table: pa.Table, **more: Any) -> ColumnMapping:
    """The mapping that the names of columns suggest, the truth left out."""
    names = [name for name in table.column_names if name != "EntityId"]
    return guess_mapping(names, id_column="ProfileId", **more)


def guarded(table: pa.Table) -> ColumnMapping:
    """The same, with passports of which a group may have one."""
    plain = mapping_of(table)
    return ColumnMapping(
        id=plain.id,
        fields=plain.fields,
        identifiers=("Passport",),
        guarded=frozenset({"Passport"}),
    )


def people(*rows: dict[str, str]) -> pa.Table:
    """A table of records named a, b, c and so on."""
    columns = sorted({name for row in rows for name in row})
    names = [chr(ord("a") + place) for place in range(len(rows))]
    return pa.table(
        {"ProfileId": names}
        | {name: pa.array([row.get(name) for row in rows], pa.string()) for name in columns}
    )


def together(found: Resolution) -> set[frozenset[str]]:
    """The groups that were found, as sets of ids."""
    groups: dict[int, set[str]] = {}
    for row in found.groups.to_pylist():
        groups.setdefault(row["group"], set()).add(row["id"])
    return {frozenset(group) for group in groups.values()}


def score(bench, found: Resolution, table: pa.Table) -> tuple[float, float]:
    """Pair F1 and B-cubed F1 of what was found in `table`."""
    rows = {name: row for row, name in enumerate(table["ProfileId"].to_pylist())}
    groups = np.arange(table.num_rows)
    for group in together(found):
        groups[[rows[name] for name in group]] = rows[min(group)]
    return bench("measure").compared(groups, table["EntityId"].to_numpy())


def run(table: pa.Table, engine: Engine, **more: Any) -> Resolution:
    """Resolve `table` with the mapping that its columns suggest."""
    return resolve(table, mapping_of(table), engine, **more)
