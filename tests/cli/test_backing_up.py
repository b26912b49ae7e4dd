"""`openprofiles backup` and `openprofiles restore`."""

import uuid

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from openprofiles.cli.backing_up import backup, restore
from openprofiles.storage.embedded import EmbeddedServer
from openprofiles.storage.migrating import current_version, newest_version


@pytest.fixture
def empty(server):
    """How to connect to an empty database."""
    name = f"restored_{uuid.uuid4().hex}"
    with psycopg.connect(server.conninfo, autocommit=True) as connection:
        connection.execute(f"create database {name}")
    return make_conninfo(server.conninfo, dbname=name)


def said(capsys) -> str:
    return " ".join(capsys.readouterr().err.split())


def test_a_data_directory_is_backed_up_and_restored_with_its_keys(data_dir, tmp_path, capsys):
    (data_dir / "secrets.key").write_bytes(b"key")

    assert backup(tmp_path / "file", data_dir=data_dir, with_keys=True) == 0
    assert restore(tmp_path / "file", data_dir=tmp_path / "again") == 0

    assert (tmp_path / "again" / "secrets.key").read_bytes() == b"key"
    with (
        EmbeddedServer(tmp_path / "again") as server,
        psycopg.connect(server.conninfo) as connection,
    ):
        assert current_version(connection) == newest_version()
    assert "Restored 0 domains, 0 profiles and 0 objects as of" in said(capsys)


def test_keys_are_left_out_unless_they_are_asked_for(data_dir, tmp_path, capsys):
    (data_dir / "secrets.key").write_bytes(b"key")

    backup(tmp_path / "file", data_dir=data_dir)
    restore(tmp_path / "file", data_dir=tmp_path / "again")

    assert not (tmp_path / "again" / "secrets.key").exists()
    text = said(capsys)
    assert "Keys of encrypted secrets are not in it" in text
    assert "The backup has no keys: before the service starts" in text


def test_a_database_of_a_server_is_backed_up_verified_and_restored(
    connection, empty, tmp_path, capsys
):
    place = {"database_url": connection["database_url"], "data_dir": tmp_path}

    assert backup(tmp_path / "file", verify=True, **place) == 0
    assert restore(tmp_path / "file", database_url=empty, data_dir=tmp_path) == 0

    assert "The backup is whole, and restores:" in said(capsys)
    with psycopg.connect(empty) as opened:
        assert current_version(opened) == newest_version()


def test_a_backup_can_be_checked_without_being_restored(data_dir, tmp_path, capsys):
    backup(tmp_path / "file", data_dir=data_dir)

    assert restore(tmp_path / "file", check=True, data_dir=tmp_path / "again") == 0

    assert not (tmp_path / "again").exists()
    assert "The backup is whole, and restores:" in said(capsys)


def test_what_is_wrong_is_said_in_a_sentence(tmp_path, capsys):
    (tmp_path / "no-backup").write_bytes(b"")

    assert backup(tmp_path / "file", data_dir=tmp_path / "nowhere") == 1
    assert restore(tmp_path / "no-backup", data_dir=tmp_path / "again") == 1

    text = said(capsys)
    assert "openprofiles: There is no database in" in text
    assert "cannot be read as a whole backup" in text
    assert not (tmp_path / "nowhere").exists()
