"""Restore a backup: wholly, where nothing is yet, and never over what is there."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from openprofiles.storage.backups import programs
from openprofiles.storage.backups.backup_file import Backup, sync_folder
from openprofiles.storage.backups.keys import KEY_PLACES, check_keys, write_keys
from openprofiles.storage.backups.taking import count_rows, list_tables
from openprofiles.storage.embedded import EmbeddedServer
from openprofiles.storage.errors import BackupFailed
from openprofiles.storage.links import uses_tls
from openprofiles.storage.migrating import check_server, check_version

CLUSTER = "postgres"
DRAFT = "restoring"
MAY_BE_THERE = {DRAFT, "lost+found", *KEY_PLACES}
"""What a place to restore to may have: what a killed restore left, a disk's own, and keys."""


def restore_data_dir(backup: Backup, data_dir: Path) -> None:
    """Make an embedded database in `data_dir`, beside the keys of the backup or those there.

    It is made in a folder of its own and appears as a whole. Raises BackupFailed, also when
    `data_dir` holds anything but keys, and CannotStart when the backup is of a newer openprofiles.
    """
    check_version(backup.manifest.schema)
    data_dir = data_dir.expanduser().absolute()
    with _draft_in(data_dir) as draft:
        check_keys(backup.keys, data_dir)
        _fill(backup, draft)
        write_keys(backup.keys, data_dir)
        (draft / CLUSTER).rename(data_dir / CLUSTER)
        sync_folder(data_dir)
        _remove(draft)


def restore_server(backup: Backup, conninfo: str, data_dir: Path) -> None:
    """Fill the empty database at `conninfo`, in one transaction; keys go to `data_dir`.

    Raises BackupFailed, also when there is any table, and CannotStart when the backup is of a newer
    openprofiles or the server is too old.
    """
    check_version(backup.manifest.schema)
    check_keys(backup.keys, data_dir)
    try:
        with psycopg.connect(conninfo, connect_timeout=10, autocommit=True) as connection:
            check_server(connection)
            if list_tables(connection):
                raise BackupFailed(
                    "The database is not empty: make a new one with `create database`, and name"
                    " it in database_url"
                )
    except psycopg.Error as error:
        raise BackupFailed("The database cannot be reached: check database_url") from error
    _load(backup, conninfo)
    write_keys(backup.keys, data_dir)


def try_out(backup: Backup) -> None:
    """Restore a backup into a folder for temporary files, and remove it; raises BackupFailed."""
    check_version(backup.manifest.schema)
    with tempfile.TemporaryDirectory(prefix="openprofiles-restore-") as folder:
        _fill(backup, Path(folder) / "data")


@contextmanager
def _draft_in(data_dir: Path) -> Iterator[Path]:
    """A folder in `data_dir`, which is ours alone meanwhile; removed at the end."""
    draft = data_dir / DRAFT
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = os.open(data_dir, os.O_RDONLY)
    except OSError as error:
        raise BackupFailed(f"{data_dir} cannot be made ({error.strerror})") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if others := {path.name for path in data_dir.iterdir()} - MAY_BE_THERE:
            raise BackupFailed(
                f"{data_dir} is not empty (it has {min(others)}): name a folder that is not there"
                " yet"
            )
        _remove(draft)
        yield draft
    except BlockingIOError as error:
        raise BackupFailed(f"Another restore to {data_dir} is under way") from error
    except OSError as error:
        raise BackupFailed(f"{data_dir} cannot be filled ({error.strerror})") from error
    finally:
        os.close(lock)


def _fill(backup: Backup, folder: Path) -> None:
    """Make a data directory with the database of a backup; nothing is left of it when it fails."""
    try:
        with EmbeddedServer(folder) as server:
            _load(backup, server.conninfo)
    except BaseException:
        _remove(folder)
        raise


def _load(backup: Backup, conninfo: str) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        programs.restore(conninfo, backup.database(), over_tls=uses_tls(connection))
        found = count_rows(connection)
        if found != backup.manifest.rows:
            tables = sorted(
                table
                for table in found.keys() | backup.manifest.rows.keys()
                if found.get(table) != backup.manifest.rows.get(table)
            )
            raise BackupFailed(f"Not all rows have arrived: those of {', '.join(tables)} differ")
        # Without statistics the first hours would be slow.
        connection.execute("analyze")


def _remove(draft: Path) -> None:
    """Remove a data directory that was not finished, with the server that a kill has left."""
    if (draft / CLUSTER / "postmaster.pid").exists():
        EmbeddedServer(draft).close()
    shutil.rmtree(draft, ignore_errors=True)
