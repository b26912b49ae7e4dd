"""A run that builds on the last one finds what a whole run finds, whatever has changed."""

import random
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openprofiles.resolution import (
    ColumnMapping,
    DuckDBEngine,
    FolderInUse,
    Model,
    Resolution,
    again,
    blocking,
    kept,
    resolve,
    value_table,
)
from openprofiles.resolution.again import changes
from tests.resolution.conftest import mapping_of

MAPPING = kept.mapping_of(1, frozenset({1}))
FEW = 300
Row = dict[str, Any]


@pytest.fixture(scope="session")
def values(customers) -> list[Row]:
    """Kept values of customers, some with an account; a crowd of equal ones among them."""
    mapping = mapping_of(customers)
    with DuckDBEngine(threads=1) as engine:
        table = kept.normalise(customers.drop_columns(["EntityId"]), mapping, engine)
    accounts = pa.array([f"a{n % 40}" if n % 9 == 0 else None for n in range(len(table))])
    rows = table.append_column("i1", accounts).to_pylist()
    return sorted(rows, key=lambda row: row["id"])


@pytest.fixture(scope="session")
def model(values, tmp_path_factory) -> Model:
    """What a first run learns."""
    path = write(tmp_path_factory.mktemp("first") / "values.parquet", values)
    with DuckDBEngine(threads=1) as engine:
        return resolve(path, MAPPING, engine).model


@pytest.fixture(autouse=True)
def among_few(monkeypatch) -> None:
    """A run builds on the last one even where it would be as quick whole."""
    monkeypatch.setattr(changes, "FEWEST", 0)


def write(path: Path, rows: list[Row]) -> Path:
    """A file of kept values."""
    pq.write_table(pa.Table.from_pylist(rows, kept.schema(1)), path)
    return path


def run(
    path: Path,
    model: Model | None,
    folder: Path | None,
    *,
    mapping: ColumnMapping = MAPPING,
    **terms: Any,
) -> tuple[Resolution, list[Row]]:
    """Resolve a file, and give every candidate; what was found out about values, too."""
    with DuckDBEngine(threads=1) as engine:
        found = resolve(path, mapping, engine, model=model, folder=folder, pairs_from=0.0, **terms)
        known = value_table(engine).sort_by([("kind", "ascending"), ("value", "ascending")])
        return found, known.to_pylist()


def assert_same(
    path: Path, model: Model, folder: Path, *, builds: bool = True, **terms: Any
) -> None:
    """What a run finds that builds on the last one (or does not) and a whole run are the same."""
    built: list[Resolution | None] = []
    on_last = again.run

    def on_last_if_possible(*given: Any) -> Resolution | None:
        built.append(on_last(*given))
        return built[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(again, "run", on_last_if_possible)
        found, known = run(path, model, folder, **terms)
    wanted, values = run(path, model, None, **terms)
    assert [bool(one) for one in built] == [builds]
    assert found.pairs.equals(wanted.pairs)
    assert found.groups.equals(wanted.groups)
    assert found.scores.equals(wanted.scores)
    assert known == values


def changed(rows: list[Row], random_: random.Random, how_many: int) -> list[Row]:
    """Some records gone, some new, some with a value of another, some made equal to others."""
    left = {row["id"]: row for row in rows}
    for _ in range(how_many):
        name, other = random_.sample(sorted(left), 2)
        kind = random_.randrange(6)
        if kind == 0:
            del left[name]
        elif kind == 1:
            new = f"{name}-{random_.randrange(1000)}"
            left[new] = {**left[other], "id": new}
        elif kind == 2:
            for more in random_.sample(sorted(left), 6):
                left[more] = {**left[name], "id": more}
        else:
            columns = random_.sample(sorted(set(left[name]) - {"id"}), kind * 2)
            left[name] = left[name] | {column: left[other][column] for column in columns}
    return sorted(left.values(), key=lambda row: row["id"])


# Where an example fails, it is told with all its values, which are long.
@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")
@settings(max_examples=8)
@given(
    seed=st.integers(0, 10**6),
    first=st.integers(0, 60),
    second=st.integers(0, 60),
    is_large=st.booleans(),
)
def test_two_runs_after_changes_find_what_whole_runs_do(
    values, model, tmp_path_factory, seed, first, second, is_large
):
    random_, folder = random.Random(seed), tmp_path_factory.mktemp("runs")
    rows = random_.sample(values, FEW)
    # Some share everything, and some blocks are at their cap.
    rows += [{**rows[0], "id": f"copy{n}"} for n in range(random_.randrange(12))]
    rows += [
        {**row, "id": f"many{n}", "last_name": rows[1]["last_name"], "p1": rows[1]["p1"]}
        for n, row in enumerate(random_.sample(values, random_.randrange(45)))
    ]
    rows.sort(key=lambda row: row["id"])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(changes, "MOST_CHANGED", 1.0)
        patch.setattr(changes, "FEWEST", 0)
        if is_large:
            patch.setattr(blocking, "_MANY_RECORDS", 0)
        run(write(folder / "0.parquet", rows), model, folder / "memory")
        for number, how_many in ((1, first), (2, second)):
            rows = changed(rows, random_, how_many)
            assert_same(write(folder / f"{number}.parquet", rows), model, folder / "memory")


@pytest.fixture(scope="session")
def left_by_a_run(values, model, tmp_path_factory) -> Path:
    """What a run on some records left."""
    folder = tmp_path_factory.mktemp("left")
    run(write(folder / "then.parquet", values[:FEW]), model, folder / "memory")
    return folder / "memory"


@pytest.fixture
def memory(left_by_a_run, tmp_path) -> Path:
    """The same, to build on and to break."""
    return shutil.copytree(left_by_a_run, tmp_path / "memory")


def test_one_of_two_shared_phones_that_becomes_a_crowd_s_leaves_the_other(values, model, tmp_path):
    rows = [row | {"p1": 12125550100 + n, "p2": None} for n, row in enumerate(values[:FEW])]
    for row in rows[:38]:
        row["p1"] = 14155550199
    # Nothing else makes a pair of these.
    nothing = dict.fromkeys(set(rows[0]) - {"id", "p1"})
    for row, name in zip(rows[:2], ("ada", "zoe"), strict=True):
        row |= nothing | {"first_name": name, "p2": 14155550155}
    run(write(tmp_path / "then.parquet", rows), model, tmp_path / "memory")

    rows += [row | {"id": f"z{n}", "p1": 14155550199} for n, row in enumerate(values[-4:])]

    assert_same(write(tmp_path / "now.parquet", rows), model, tmp_path / "memory")


def test_a_run_on_what_it_knows_builds_on_it(values, model, memory, tmp_path):
    assert_same(write(tmp_path / "now.parquet", values[:FEW]), model, memory)


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows[30:],
        lambda rows: rows[::-1],
        lambda rows: [*rows, rows[0]],
        lambda _: [],
    ],
    ids=["many gone", "another order", "a record twice", "none left"],
)
def test_what_has_changed_too_much_takes_a_whole_run(values, model, memory, tmp_path, change):
    path = write(tmp_path / "now.parquet", change(values[:FEW]))

    assert_same(path, model, memory, builds=False)


def test_among_few_records_a_whole_run_is_as_quick(values, model, memory, tmp_path, monkeypatch):
    monkeypatch.setattr(changes, "FEWEST", FEW + 1)

    assert_same(write(tmp_path / "now.parquet", values[:FEW]), model, memory, builds=False)


@pytest.mark.parametrize("bound", ["_FEW_RECORDS", "_MANY_RECORDS"])
def test_a_table_of_a_size_with_other_caps_takes_a_whole_run(
    values, model, tmp_path, monkeypatch, bound
):
    monkeypatch.setattr(blocking, bound, FEW + 1)
    run(write(tmp_path / "then.parquet", values[:FEW]), model, tmp_path / "memory")
    path = write(tmp_path / "now.parquet", values[: FEW + 1])

    assert_same(path, model, tmp_path / "memory", builds=False)


def test_another_model_takes_a_whole_run(values, model, memory, tmp_path):
    other = Model(model.weights, model.records + 1)

    assert_same(write(tmp_path / "now.parquet", values[:FEW]), other, memory, builds=False)


@pytest.mark.parametrize(
    "terms",
    [
        {"cut_off": 0.9},
        {"apart": [("p000000000", "p000000001")]},
        {"mapping": kept.mapping_of(1)},
    ],
    ids=["cut-off", "apart", "no guard"],
)
def test_groups_on_other_terms_take_a_whole_run(values, model, memory, tmp_path, terms):
    path = write(tmp_path / "now.parquet", values[:FEW])

    assert_same(path, model, memory, builds=False, **terms)
    assert_same(path, model, memory, **terms)


def test_a_last_name_that_nobody_bears_any_more_leaves_the_blocks_of_its_kind(
    values, model, tmp_path
):
    # All have one skeleton; ten may, and another two with names of their own make it more.
    rows = [
        row | {"first_name": f"m{'aeiou'[n % 5]}l", "last_name": f"fenm{'aeiou' * n}rn"}
        for n, row in enumerate(values[:FEW])
        if n < 12
    ]
    run(write(tmp_path / "then.parquet", rows), model, tmp_path / "memory")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(changes, "MOST_CHANGED", 1.0)
        assert_same(write(tmp_path / "now.parquet", rows[:10]), model, tmp_path / "memory")


def test_a_version_that_does_something_else_takes_a_whole_run(
    values, model, memory, tmp_path, monkeypatch
):
    path = write(tmp_path / "now.parquet", values[:FEW])
    other = tuple(replace(key, cap=min(key.cap, 39)) for key in blocking._KEYS)
    monkeypatch.setattr(blocking, "_KEYS", other)

    assert_same(path, model, memory, builds=False)


def test_a_folder_is_for_one_run_at_a_time(values, model, memory, tmp_path):
    path = write(tmp_path / "now.parquet", values[:FEW])

    with again.alone(memory), pytest.raises(FolderInUse, match="Another run is using the folder"):
        run(path, model, memory)
    assert_same(path, model, memory)


@pytest.mark.parametrize("debug", [False, True])
def test_one_engine_does_several_runs(values, model, memory, tmp_path, debug):
    path = write(tmp_path / "now.parquet", values[1:FEW])
    with DuckDBEngine(threads=1, debug=debug) as engine:
        first, second = (resolve(path, MAPPING, engine, model=model, folder=memory) for _ in "12")

    assert second.groups.equals(first.groups)


@pytest.mark.parametrize("text", ['{"format": 1, "size": 300, "model": "c0ffee"}', "[]"])
def test_what_another_version_left_is_none(values, model, memory, tmp_path, text):
    (memory / "run.json").write_text(text)

    assert again.last_model(memory) is None
    assert_same(write(tmp_path / "now.parquet", values[:FEW]), model, memory, builds=False)


def test_what_a_run_that_was_killed_left_is_none(values, model, memory, tmp_path):
    (memory / "run.json").unlink()

    assert again.last_model(memory) is None
    assert_same(write(tmp_path / "now.parquet", values[:FEW]), model, memory, builds=False)


@pytest.mark.parametrize(
    "name", ["run.json", "left.npy", "keys_0.npy", "values.arrow", "email_values.parquet"]
)
def test_what_is_not_whole_on_the_disk_is_none(values, model, memory, tmp_path, name):
    whole = (memory / name).read_bytes()
    (memory / name).write_bytes(whole[: len(whole) // 2])

    assert_same(write(tmp_path / "now.parquet", values[:FEW]), model, memory, builds=False)
