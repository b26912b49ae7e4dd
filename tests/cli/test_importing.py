"""`openprofiles import`, in this process."""

import re
from pathlib import Path

import pytest

from openprofiles.cli import main
from openprofiles.cli.errors import WriterGone
from openprofiles.cli.exporting import export
from openprofiles.cli.importing import import_files
from openprofiles.cli.saying import refusing
from openprofiles.storage.database import DatabaseUnavailable
from tests.features.profiles.consistency import check_domain


def rows_of(text: str) -> dict[str, str]:
    """The rows of printed tables: first column to second."""
    return {name[:30].strip(): count for name, count in re.findall(r"│ (.*?) +│ +([\d,]+) │", text)}


def test_it_ends_with_a_table_of_what_became_of_the_records(shop, things, connection, capsys):
    code = import_files([str(things(100))], domain=shop.name, object_type="Thing", **connection)

    out = capsys.readouterr().out
    assert code == 0
    assert rows_of(out) == {
        "read": "100",
        "attached to a profile": "10",
        "created a profile": "80",
        "updated an object": "0",
        "rejected": "10",
        "The UNIQUE key or PROFILE key": "10",
    }
    assert "things.jsonl:4" in out
    assert shop.stats()["ObjectCount"] == 90


def test_a_setting_of_the_environment_that_is_none_is_refused(monkeypatch, capsys):
    monkeypatch.setenv("OPENPROFILES_THREADS", "many")

    code = main(["import", "things.jsonl", "--domain", "d", "--object-type", "Thing"])

    assert code == 1
    assert "OPENPROFILES_THREADS is not a whole number" in capsys.readouterr().err


def test_the_same_data_directory_may_be_in_use(server, settings, shop, things, capsys):
    code = import_files(
        [str(things(10))],
        domain=shop.name,
        object_type="Thing",
        data_dir=server.data_dir,
        account_id=settings.account_id,
    )

    assert (code, shop.stats()["ObjectCount"]) == (0, 9)
    assert rows_of(capsys.readouterr().out)["read"] == "10"
    assert server.pid is not None


def test_a_data_directory_of_ones_own_is_started_and_stopped(tmp_path, things, capsys):
    data_dir = tmp_path / "data"

    code = import_files([str(things(1))], domain="nowhere", object_type="Thing", data_dir=data_dir)

    assert code == 1
    assert "Domain nowhere does not exist" in capsys.readouterr().err
    assert not (data_dir / "postgres" / "postmaster.pid").exists()


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"domain": None}, "--domain and --object-type"),
        ({"object_type": None}, "--domain and --object-type"),
        ({"domain": "nowhere"}, "Domain nowhere does not exist"),
        ({"object_type": "Nothing"}, "Nothing"),
        ({"delimiter": "ab"}, "one character"),
        ({"format": "parquet"}, "cannot be read as Parquet"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(shop, things, connection, capsys, given, reason):
    arguments = {"domain": shop.name, "object_type": "Thing"} | given

    code = import_files([str(things(5))], **arguments, **connection)

    shown = capsys.readouterr()
    assert code == 1
    assert reason in shown.err.replace("\n", " ")
    assert shown.out == ""


def test_a_missing_file_is_said_as_such(shop, connection, capsys):
    code = import_files(["/nowhere.csv"], domain=shop.name, object_type="Thing", **connection)

    assert code == 1
    assert "/nowhere.csv does not exist" in capsys.readouterr().err


def test_an_archive_becomes_a_domain(shop, things, connection, capsys, tmp_path, database):
    import_files([str(things(100))], domain=shop.name, object_type="Thing", **connection)
    out = tmp_path / "out.tar.gz"

    assert export(out, domain=shop.name, **connection) == 0
    assert rows_of(capsys.readouterr().out)["profile objects"] == "90"
    assert import_files([str(out)], domain=f"{shop.name}-b", **connection) == 0
    assert rows_of(capsys.readouterr().out)["profile objects"] == "90"
    assert check_domain(database, f"{shop.name}-b") == check_domain(database, shop.name)
    assert import_files([str(out)], **connection) == 1
    assert f"Domain {shop.name} already exists" in capsys.readouterr().err.replace("\n", "")


def test_an_export_does_not_overwrite(shop, connection, capsys, tmp_path):
    (tmp_path / "out").mkdir()

    assert export(tmp_path / "out", domain=shop.name, **connection) == 1
    assert "exists already" in capsys.readouterr().err


def test_a_broken_archive_is_refused(connection, capsys, tmp_path):
    path = Path(tmp_path / "out.tar.gz")
    path.write_bytes(b"no archive")

    assert import_files([str(path)], **connection) == 1
    assert "cannot be read as an archive" in capsys.readouterr().err.replace("\n", " ")


def test_a_database_that_goes_away_is_said_with_what_to_do(capsys):
    @refusing
    def command() -> int:
        raise DatabaseUnavailable("gone")

    assert command() == 1
    assert "start the same command again" in capsys.readouterr().err


def test_a_writer_that_ends_too_early_is_said_with_what_to_do(capsys):
    @refusing
    def command() -> int:
        raise WriterGone

    assert command() == 1
    said = capsys.readouterr().err
    assert "A process of the import has ended" in said
    assert "start the same command again" in said


def test_nothing_is_said_of_rejections_when_there_are_none(shop, things, connection, capsys):
    code = import_files([str(things(3))], domain=shop.name, object_type="Thing", **connection)

    out = capsys.readouterr().out
    assert code == 0
    assert rows_of(out)["rejected"] == "0"
    assert "Reason" not in out
