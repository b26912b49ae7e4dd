"""Backups: whole or not there, of one state, and restored only where nothing is."""

import fcntl
import io
import os
import shutil
import stat
import tarfile
import uuid
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import msgspec
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from openprofiles.storage import backups
from openprofiles.storage.backups import backup_file, programs, remembering, restoring
from openprofiles.storage.embedded import EmbeddedServer
from openprofiles.storage.errors import BackupFailed, CannotStart
from openprofiles.storage.migrating import newest_version

KEY = PurePosixPath("secrets.key")


@pytest.fixture
def file(filled, tmp_path) -> Path:
    """A backup of `filled`, with a key."""
    path = tmp_path / "kept.backup"
    backups.back_up(filled, path, version="1.2", keys={KEY: b"key"})
    return path


def names_in(conninfo: str) -> list[tuple[str, ...]]:
    with psycopg.connect(conninfo) as connection:
        return connection.execute("select name from domains").fetchall()


def write_tar(path: Path, members: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w") as tar:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


def members_of(path: Path) -> dict[str, bytes]:
    with tarfile.open(path) as tar:
        return {member.name: backup_file._content(tar, member).read() for member in tar}


def test_a_backup_says_what_it_is(file):
    manifest = backups.check(file).manifest

    assert (manifest.openprofiles, manifest.schema) == ("1.2", newest_version())
    assert manifest.rows["domains"] == 1
    assert manifest.rows["profiles"] == 0


def test_a_backup_is_for_our_eyes_only(file):
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_backup_is_a_tar_that_pg_restore_reads(file):
    assert list(members_of(file)) == [
        "manifest.json",
        "database.dump",
        "keys/secrets.key",
        "checks.json",
    ]
    assert members_of(file)["database.dump"].startswith(b"PGDMP")


def test_a_backup_becomes_a_data_directory(file, tmp_path):
    data_dir = tmp_path / "restored"

    backups.restore_data_dir(backups.check(file), data_dir)

    with EmbeddedServer(data_dir) as server:
        assert names_in(server.conninfo) == [("kept",)]
    assert (data_dir / "secrets.key").read_bytes() == b"key"
    assert stat.S_IMODE((data_dir / "secrets.key").stat().st_mode) == 0o600
    assert not (data_dir / "restoring").exists()


def test_a_backup_becomes_a_database_of_a_server(file, empty, tmp_path):
    backups.restore_server(backups.check(file), empty, tmp_path / "keys")

    assert names_in(empty) == [("kept",)]
    assert (tmp_path / "keys" / "secrets.key").read_bytes() == b"key"


def test_numbers_go_on_where_they_were(file, empty, tmp_path):
    backups.restore_server(backups.check(file), empty, tmp_path)

    with psycopg.connect(empty) as connection:
        added = connection.execute(
            "insert into domains (account_id, name, configuration, created_at, updated_at)"
            " values ('1', 'next', '{}', now(), now()) returning domain_id"
        ).fetchone()
    assert added == (2,)


def test_a_database_with_tables_is_not_restored_to(file, filled, tmp_path):
    with pytest.raises(BackupFailed, match="not empty: make a new one"):
        backups.restore_server(backups.check(file), filled, tmp_path)

    assert names_in(filled) == [("kept",)]


def test_a_folder_with_anything_is_not_restored_to(file, data_dir):
    with pytest.raises(BackupFailed, match=r"is not empty \(it has postgres"):
        backups.restore_data_dir(backups.check(file), data_dir)


def test_keys_may_be_there_already(file, tmp_path):
    data_dir = tmp_path / "restored"
    data_dir.mkdir()
    (data_dir / "secrets.key").write_bytes(b"key")

    backups.restore_data_dir(backups.check(file), data_dir)

    assert (data_dir / "postgres").is_dir()


def test_another_key_is_not_replaced(file, empty, tmp_path):
    (tmp_path / "secrets.key").write_bytes(b"another")

    with pytest.raises(BackupFailed, match="is another key than that of the backup"):
        backups.restore_server(backups.check(file), empty, tmp_path)

    with psycopg.connect(empty) as connection:
        assert connection.execute("select to_regclass('domains')").fetchone() == (None,)


def test_all_keys_of_a_data_directory_are_found(tmp_path):
    (tmp_path / "secrets.key").write_bytes(b"one")
    (tmp_path / "encryption-keys" / "deep").mkdir(parents=True)
    (tmp_path / "encryption-keys" / "deep" / "k").write_bytes(b"two")
    (tmp_path / "other").write_bytes(b"none")

    keys = backups.read_keys(tmp_path)

    assert keys == {KEY: b"one", PurePosixPath("encryption-keys/deep/k"): b"two"}


def test_a_key_that_cannot_be_read_is_told(tmp_path, monkeypatch):
    (tmp_path / "secrets.key").write_bytes(b"one")
    monkeypatch.setattr(Path, "read_bytes", refuse)

    with pytest.raises(BackupFailed, match=r"keys in .* cannot be read \(no\)"):
        backups.read_keys(tmp_path)


def refuse(*_: object) -> bytes:
    raise PermissionError(13, "no")


def test_what_a_killed_restore_left_is_removed(file, tmp_path):
    data_dir = tmp_path / "restored"
    # Its server still runs.
    left = EmbeddedServer(data_dir / "restoring")
    left._postmaster.leave_running()
    os.close(left._users)

    backups.restore_data_dir(backups.check(file), data_dir)

    with EmbeddedServer(data_dir) as server:
        assert names_in(server.conninfo) == [("kept",)]


def test_two_restores_to_one_place_do_not_meet(file, tmp_path):
    data_dir = tmp_path / "restored"
    data_dir.mkdir()
    lock = os.open(data_dir, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)

    with pytest.raises(BackupFailed, match=r"Another restore to .* is under way"):
        backups.restore_data_dir(backups.check(file), data_dir)

    os.close(lock)


def test_a_place_that_cannot_be_made_is_told(file, tmp_path):
    (tmp_path / "taken").write_bytes(b"")

    with pytest.raises(BackupFailed, match="cannot be made"):
        backups.restore_data_dir(backups.check(file), tmp_path / "taken")


def test_a_place_that_is_taken_meanwhile_stays_as_it_is(file, tmp_path, monkeypatch):
    data_dir = tmp_path / "restored"

    def take(_: object, folder: Path) -> None:
        (folder / "postgres" / "other").mkdir(parents=True)

    monkeypatch.setattr(restoring, "write_keys", take)

    with pytest.raises(BackupFailed, match="cannot be filled"):
        backups.restore_data_dir(backups.check(file), data_dir)

    assert [path.name for path in (data_dir / "postgres").iterdir()] == ["other"]


def test_a_backup_can_be_tried_out(file, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    backups.try_out(backups.check(file))

    assert [path.name for path in tmp_path.iterdir() if "restore" in path.name] == []


def test_rows_that_do_not_arrive_are_noticed(file, tmp_path):
    found = backups.check(file)
    rows = found.manifest.rows | {"profiles": 3}
    changed = backups.Backup(found.path, msgspec.structs.replace(found.manifest, rows=rows), {})

    with pytest.raises(BackupFailed, match="Not all rows have arrived: those of profiles differ"):
        backups.restore_data_dir(changed, tmp_path / "restored")

    assert not (tmp_path / "restored" / "restoring").exists()


def test_a_backup_of_a_newer_version_is_refused(file, empty, tmp_path):
    found = backups.check(file)
    newer = backups.Backup(found.path, msgspec.structs.replace(found.manifest, schema="9999"), {})

    with pytest.raises(CannotStart, match="schema 9999"):
        backups.restore_server(newer, empty, tmp_path)
    with pytest.raises(CannotStart, match="schema 9999"):
        backups.restore_data_dir(newer, tmp_path / "restored")


@pytest.mark.parametrize("part", [0.2, 0.5, 0.9])
def test_a_backup_that_was_cut_is_refused(file, part):
    os.truncate(file, int(file.stat().st_size * part))

    with pytest.raises(BackupFailed, match=r"whole backup|not a backup"):
        backups.check(file)


@pytest.mark.parametrize("name", ["manifest.json", "database.dump", "keys/secrets.key"])
def test_a_backup_that_was_changed_is_refused(file, name, tmp_path):
    members = members_of(file)
    members[name] += b" "

    with pytest.raises(BackupFailed, match="changed or damaged"):
        backups.check(write_tar(tmp_path / "changed", members))


def test_what_is_no_backup_is_refused(tmp_path):
    for number, (members, problem) in enumerate(
        [
            ({"other": b""}, "is not a backup of openprofiles"),
            ({"manifest.json": b"{}"}, "is not a backup of openprofiles"),
            ({"manifest.json": b"{"}, "changed or damaged"),
            (
                {"manifest.json": b'{"format": "openprofiles-backup", "version": 7}'},
                "has version 7 of the format",
            ),
            (
                {"manifest.json": b'{"format": "openprofiles-backup", "version": 1}'},
                "its end is missing",
            ),
            ({"manifest.json": bytes(3 << 20)}, "cannot be read as a whole backup"),
        ]
    ):
        with pytest.raises(BackupFailed, match=problem):
            backups.check(write_tar(tmp_path / str(number), members))


def test_a_folder_in_a_backup_is_refused(tmp_path):
    (tmp_path / "folder").mkdir()
    with tarfile.open(tmp_path / "file", "w") as tar:
        tar.add(tmp_path / "folder", "manifest.json")

    with pytest.raises(BackupFailed, match="cannot be read as a whole backup"):
        backups.check(tmp_path / "file")


def test_a_missing_backup_is_told(tmp_path):
    with pytest.raises(BackupFailed, match="nowhere does not exist"):
        backups.check(tmp_path / "nowhere")


def test_keys_stay_in_the_data_directory(file, tmp_path):
    with backup_file.writing(tmp_path / "bad") as writer:
        for name, content in members_of(file).items():
            if name != "checks.json":
                writer.write(name.replace("keys/", "keys/../../"), content)
        writer.write_end()

    with pytest.raises(BackupFailed, match="was not written by openprofiles"):
        backups.check(tmp_path / "bad")


def test_a_backup_does_not_replace_a_file(file, filled):
    with pytest.raises(BackupFailed, match="exists already"):
        backups.back_up(filled, file, version="1", keys={})


def test_a_backup_that_fails_leaves_nothing(filled, tmp_path, monkeypatch):
    monkeypatch.setattr(programs, "COMPRESSION", "none such")

    with pytest.raises(BackupFailed, match="pg_dump failed: pg_dump: error: "):
        backups.back_up(filled, tmp_path / "out", version="1", keys={})

    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("out")] == []


def test_two_backups_to_one_file_do_not_meet(filled, tmp_path):
    with (
        backup_file.writing(tmp_path / "out"),
        pytest.raises(BackupFailed, match="Another backup is being written"),
    ):
        backups.back_up(filled, tmp_path / "out", version="1", keys={})


def test_what_a_killed_backup_left_is_written_over(filled, tmp_path):
    (tmp_path / "out.partial").write_bytes(bytes(1 << 20))

    backups.back_up(filled, tmp_path / "out", version="1", keys={})

    assert backups.check(tmp_path / "out").manifest.rows["domains"] == 1
    assert not (tmp_path / "out.partial").exists()


def test_a_place_that_cannot_be_written_is_told(filled, tmp_path):
    with pytest.raises(BackupFailed, match="cannot be written"):
        backups.back_up(filled, tmp_path / "nowhere" / "out", version="1", keys={})


def test_a_full_disk_is_told(filled, tmp_path, monkeypatch):
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup_file.BackupWriter, "write_end", fail)

    with pytest.raises(BackupFailed, match=r"cannot be written \(No space left on device\)"):
        backups.back_up(filled, tmp_path / "out", version="1", keys={})


def test_an_empty_database_is_not_backed_up(empty, tmp_path):
    with pytest.raises(BackupFailed, match="nothing to back up"):
        backups.back_up(empty, tmp_path / "out", version="1", keys={})


def test_a_database_that_is_not_there_is_told_without_its_password(file, tmp_path):
    nowhere = f"postgresql://jane:secret@/x?host={tmp_path}"

    with pytest.raises(BackupFailed, match="cannot be read") as failure:
        backups.back_up(nowhere, tmp_path / "out", version="1", keys={})
    with pytest.raises(BackupFailed, match="cannot be reached"):
        backups.restore_server(backups.check(file), nowhere, tmp_path / "keys")

    assert "secret" not in str(failure.value)


def test_a_password_does_not_show_in_the_arguments_of_a_program():
    target, environment = programs._access("postgresql://jane:secret@host/x?sslmode=require")

    assert "secret" not in target
    assert "sslmode=require" in target
    assert environment["PGPASSWORD"] == "secret"


def test_a_restore_that_fails_leaves_an_empty_database(file, empty):
    dump = b"".join(backups.check(file).database())

    with pytest.raises(BackupFailed, match="pg_restore failed"):
        programs.restore(empty, [dump[: len(dump) // 2]], over_tls=False)
    with pytest.raises(BackupFailed, match="pg_restore failed"):
        programs.restore(empty, [b"no dump"], over_tls=False)

    with psycopg.connect(empty) as connection:
        assert connection.execute("select to_regclass('domains')").fetchone() == (None,)


def test_what_the_server_refuses_is_told(file, filled, server):
    found = backups.check(file)
    nowhere = make_conninfo(server.conninfo, dbname="nowhere")

    with pytest.raises(BackupFailed, match=r"psql failed: .*already exists"):
        programs.restore(filled, found.database(), over_tls=False)
    with pytest.raises(BackupFailed, match=r"psql failed: .*does not exist"):
        programs.restore(nowhere, found.database(), over_tls=False)


def test_over_tls_the_installed_programs_are_taken(filled, tls, tmp_path, monkeypatch):
    # That of the wheel cannot speak TLS: here it stands in, past TLS, for one that can.
    folder = tmp_path / "bin"
    folder.mkdir()
    plain = programs._find("pg_dump", over_tls=False)
    (folder / "pg_dump").write_text(f'#!/bin/sh\nexec {plain} "$1" "$2" "$3" --dbname="$PLAIN"\n')
    (folder / "pg_dump").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setenv("PLAIN", filled)

    backups.back_up(tls.url_of(filled), tmp_path / "out", version="1", keys={})

    assert backups.check(tmp_path / "out").manifest.rows["domains"] == 1


def test_over_tls_without_installed_programs_the_way_out_is_told(
    filled, tls, tmp_path, monkeypatch
):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(BackupFailed, match="install PostgreSQL's client programs"):
        backups.back_up(tls.url_of(filled), tmp_path / "out", version="1", keys={})


def test_a_backup_can_be_moved(file, tmp_path):
    shutil.move(file, tmp_path / "moved")

    assert backups.check(tmp_path / "moved").keys == {KEY: b"key"}


def test_a_database_that_cannot_keep_when_it_was_backed_up_is_left_as_it_is(server):
    name = f"early_{uuid.uuid4().hex}"
    with psycopg.connect(server.conninfo, autocommit=True) as connection:
        connection.execute(f"create database {name}")
    early = make_conninfo(server.conninfo, dbname=name)

    remembering.remember(early, made_at=datetime.now(UTC), size=1)

    with psycopg.connect(early) as connection:
        assert connection.execute("select to_regclass('last_backup')").fetchone() == (None,)
