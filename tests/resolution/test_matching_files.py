"""`openprofiles match` groups the records of files."""

import json

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest
from cyclopts import App

from openprofiles.cli.match import match

ROWS = [
    {"id": str(place), "given_name": first, "surname": "Kowalczyk", "mail": f"{mail}@mail.io"}
    for place, (first, mail) in enumerate(
        [("Ann", "annk77"), ("Annie", "annk77"), ("Jan", "jan12"), ("Jan", "jan12"), ("Zoe", "z")]
    )
]


@pytest.fixture
def command():
    app = App(result_action="return_value")
    app.command(match)

    def run(*arguments: object) -> int:
        return app(["match", *(str(argument) for argument in arguments)])

    return run


@pytest.fixture
def records(tmp_path):
    path = tmp_path / "records.csv"
    pc.write_csv(pa.Table.from_pylist(ROWS), path)
    return path


def _groups(path) -> set[frozenset[str]]:
    groups: dict[int, set[str]] = {}
    for row in pq.read_table(path).to_pylist():
        groups.setdefault(row["group"], set()).add(row["id"])
    return {frozenset(group) for group in groups.values()}


def test_records_of_a_csv_file_are_grouped(command, records, tmp_path, capsys):
    out = tmp_path / "groups.parquet"

    code = command(records, "--out", out, "--map", "EmailAddress=mail", "--threads", 1)

    assert code == 0
    assert _groups(out) == {frozenset("01"), frozenset("23")}
    assert "5 records, 4 of them in 2 groups" in capsys.readouterr().out


def test_records_of_several_files_are_grouped_together(command, records, tmp_path):
    other, out = tmp_path / "other.parquet", tmp_path / "groups.parquet"
    row = {"id": 9, "given_name": "Zoe", "surname": "Kowalczyk", "mail": "z@mail.io"}
    pq.write_table(pa.Table.from_pylist([row]), other)

    command(records, other, "--out", out, "--map", "EmailAddress=mail")

    assert frozenset("49") in _groups(out)


def test_pairs_and_model_are_written_and_the_model_serves_again(command, tmp_path):
    parquet, model = tmp_path / "records.parquet", tmp_path / "model.json"
    first, again, pairs = (tmp_path / f"{name}.parquet" for name in ("first", "again", "pairs"))
    pq.write_table(pa.Table.from_pylist(ROWS), parquet)
    mapped = ("--map", "EmailAddress=mail", "--map", "Address1=given_name+surname")

    command(parquet, "--out", first, "--pairs", pairs, "--model", model, *mapped)
    command(parquet, "--out", again, "--use-model", model, *mapped)

    assert pq.read_table(pairs)["confidence"].to_numpy().max() > 0.5
    assert _groups(again) == _groups(first)


def test_a_pair_is_explained_and_pictures_are_drawn(command, records, tmp_path, capsys):
    charts = tmp_path / "new" / "charts"

    code = command(
        records,
        *("--out", tmp_path / "groups.parquet", "--map", "EmailAddress=mail"),
        *("--map", "FullName=given_name+surname", "--explain", "0", "1", "--charts", charts),
    )

    assert code == 0
    assert "annk77@mail.io | annk77@mail.io" in capsys.readouterr().out
    pictures = {path.name: json.loads(path.read_text("utf-8")) for path in charts.iterdir()}
    assert set(pictures) == {
        f"{name}.vl.json" for name in ("weights", "scores", "precision", "pair")
    }
    assert all(picture["data"]["values"] for picture in pictures.values())


def test_each_group_is_explained_by_the_links_that_hold_it(command, tmp_path):
    out, why, records = (tmp_path / name for name in ("groups.parquet", "why.jsonl", "in.parquet"))
    third = {"id": "5", "given_name": "Ann", "surname": "Kowalczyk", "mail": "annk77@mail.io"}
    pq.write_table(pa.Table.from_pylist([*ROWS, third]), records)

    code = command(
        records, "--out", out, "--map", "EmailAddress=mail", "--explanations", why, "--threads", 1
    )

    groups = [json.loads(line) for line in why.read_text("utf-8").splitlines()]
    assert code == 0
    assert (
        {frozenset(group["Ids"]) for group in groups}
        == _groups(out)
        == {
            frozenset("015"),
            frozenset("23"),
        }
    )
    for group in groups:
        assert len(group["Links"]) == len(group["Ids"]) - 1
        assert {link[side] for link in group["Links"] for side in ("LeftId", "RightId")} == set(
            group["Ids"]
        )
        for link in group["Links"]:
            assert link["ConfidenceScore"] > 0.5
            assert any(reason["Attribute"] == "email" for reason in link["Reasons"])


def test_pictures_of_the_model_need_no_pair(command, records, tmp_path):
    command(
        records,
        *("--out", tmp_path / "groups.parquet", "--map", "EmailAddress=mail"),
        *("--charts", tmp_path),
    )

    assert {path.name for path in tmp_path.glob("*.vl.json")} == {
        f"{name}.vl.json" for name in ("weights", "scores", "precision")
    }


def test_a_guarded_identifier_keeps_records_apart(command, tmp_path):
    path, out = tmp_path / "records.csv", tmp_path / "groups.parquet"
    pc.write_csv(pa.Table.from_pylist([row | {"passport": f"P{row['id']}"} for row in ROWS]), path)

    command(
        path,
        "--out",
        out,
        "--map",
        "EmailAddress=mail",
        "--identifier",
        "passport",
        "--guard",
        "passport",
    )

    assert _groups(out) == set()


def test_a_link_between_records_that_a_guard_kept_apart_explains_no_group(command, tmp_path):
    path, out, why = (tmp_path / name for name in ("in.csv", "groups.parquet", "why.jsonl"))
    people = [
        *(row | {"passport": f"P{int(row['id']) // 2}"} for row in ROWS),
        ROWS[0] | {"id": "5", "passport": "P5"},
    ]
    pc.write_csv(pa.Table.from_pylist(people), path)
    guarded = ("--identifier", "passport", "--guard", "passport", "--map", "EmailAddress=mail")

    command(path, "--out", out, "--explanations", why, *guarded)

    groups = [json.loads(line) for line in why.read_text("utf-8").splitlines()]
    assert {frozenset(group["Ids"]) for group in groups} == {frozenset("01"), frozenset("23")}
    assert [len(group["Links"]) for group in groups] == [1, 1]


def test_values_that_were_kept_are_matched_again_without_their_file(command, tmp_path, capsys):
    path, values = tmp_path / "records.csv", tmp_path / "values.parquet"
    first, again, guarded, more = (tmp_path / f"{place}.parquet" for place in range(4))
    pc.write_csv(pa.Table.from_pylist([row | {"passport": f"P{row['id']}"} for row in ROWS]), path)
    mapped = ("--map", "EmailAddress=mail", "--identifier", "passport")

    command(path, "--out", first, "--keep", values, *mapped)
    command(values, "--out", again, "--explain", "0", "1", "--keep", more)
    command(values, "--out", guarded, "--guard", "i1")

    assert pq.read_table(again).equals(pq.read_table(first))
    assert "annk77@mail.io | annk77@mail.io" in capsys.readouterr().out
    assert _groups(guarded) == set()
    assert pq.read_table(more).equals(pq.read_table(values))


def test_a_run_builds_on_the_last_one(command, records, tmp_path):
    values, memory = tmp_path / "values.parquet", tmp_path / "memory"
    whole, again = tmp_path / "whole.parquet", tmp_path / "again.parquet"
    models = tmp_path / "first.json", tmp_path / "second.json"
    rows = [row | {"given_name": "Anna"} if row["id"] == "1" else row for row in ROWS]
    more = tmp_path / "more.csv"
    pc.write_csv(pa.Table.from_pylist(rows), more)
    mapped = ("--keep", values, "--map", "EmailAddress=mail", "--threads", 1)

    command(records, "--out", again, "--again", memory, "--model", models[0], *mapped)
    command(more, "--out", again, "--again", memory, "--model", models[1], *mapped)
    command(more, "--out", whole, "--use-model", models[0], *mapped)

    assert models[1].read_text() == models[0].read_text()
    assert pq.read_table(again).equals(pq.read_table(whole))


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--map", "EmailAddress"), "A mapping looks like"),
        (("--map", "Shoe=mail"), "no such profile field: Shoe"),
        (("--map", "EmailAddress=letter"), "no such column: letter"),
        (("--guard", "mail"), "one of the identifiers"),
        (("--use-model", "nowhere.json"), "nowhere.json"),
        (("--explain", "0", "77"), "no record has this id"),
        (("--keep", "values.csv"), "has to be called .parquet"),
        (("--again", "folder"), "only with a file of normalised values"),
        (("--again", "folder", "--engine", "spark"), "--again takes the engine duckdb"),
    ],
)
def test_what_cannot_be_done_is_said(command, records, tmp_path, capsys, arguments, reason):
    code = command(records, "--out", tmp_path / "groups.parquet", *arguments)

    assert code != 0
    assert reason in " ".join(capsys.readouterr().err.split())


def test_a_file_without_an_id_column_is_refused(command, tmp_path, capsys):
    path = tmp_path / "records.csv"
    path.write_text("given_name\nAnn\n")

    assert command(path, "--out", tmp_path / "groups.parquet") != 0
    assert "--id" in capsys.readouterr().err


def test_a_file_that_is_no_table_is_refused(command, tmp_path):
    path = tmp_path / "records.parquet"
    path.write_text("no parquet")

    assert command(path, path, "--out", tmp_path / "groups.parquet") != 0
