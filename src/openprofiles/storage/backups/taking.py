"""Take a backup: one state of the database, while others go on writing to it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import msgspec
import psycopg
from psycopg import sql

from openprofiles.storage.backups import programs
from openprofiles.storage.backups.backup_file import (
    DATABASE,
    FORMAT,
    KEYS,
    MANIFEST,
    VERSION,
    Manifest,
    writing,
)
from openprofiles.storage.backups.remembering import remember
from openprofiles.storage.errors import BackupFailed
from openprofiles.storage.links import uses_tls
from openprofiles.storage.migrating import current_version


def back_up(
    conninfo: str, path: Path, *, version: str, keys: Mapping[PurePosixPath, bytes]
) -> Manifest:
    """Write the database at `conninfo`, and key files, to `path`; `version` is openprofiles' own.

    Raises BackupFailed.
    """
    try:
        with writing(path) as writer, psycopg.connect(conninfo, connect_timeout=10) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            # It waits for pg_dump, which sees what this transaction sees.
            connection.execute("set idle_in_transaction_session_timeout = 0")
            manifest = _describe(connection, version)
            snapshot = connection.execute("select pg_export_snapshot()").fetchone()
            writer.write(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=1))
            seen = str((snapshot or ("",))[0])
            over_tls = uses_tls(connection)
            writer.write_blocks(DATABASE, programs.dump(conninfo, seen, over_tls=over_tls))
            for name, content in keys.items():
                writer.write(str(KEYS / name), content)
            writer.write_end()
        remember(conninfo, made_at=datetime.now(UTC), size=path.stat().st_size)
    except psycopg.Error as error:
        raise BackupFailed(
            "The database cannot be read: is it reachable, and all of it?"
        ) from error
    except OSError as error:
        raise BackupFailed(f"{path} cannot be written ({error.strerror})") from error
    return manifest


def list_tables(connection: psycopg.Connection) -> list[tuple[str, str]]:
    """The tables of ours, of the jobs and of anybody else, each with its schema before it."""
    return [
        (str(space), str(table))
        for space, table in connection.execute(
            "select nspname, relname from pg_class"
            " join pg_namespace space on space.oid = relnamespace"
            " where relkind = 'r'"
            " and nspname not in ('pg_catalog', 'information_schema', 'pg_toast')"
            " order by nspname, relname"
        )
    ]


def count_rows(connection: psycopg.Connection) -> dict[str, int]:
    """The rows of each table."""
    counts = {}
    for space, table in list_tables(connection):
        query = sql.SQL("select count(*) from {}").format(sql.Identifier(space, table))
        ((count,),) = connection.execute(query).fetchall()
        counts[table if space == "public" else f"{space}.{table}"] = int(count)
    return counts


def _describe(connection: psycopg.Connection, version: str) -> Manifest:
    schema = current_version(connection)
    if schema is None:
        raise BackupFailed("There is nothing to back up: no openprofiles has used this database")
    return Manifest(
        format=FORMAT,
        version=VERSION,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        openprofiles=version,
        schema=schema,
        postgresql=str(connection.info.parameter_status("server_version")),
        rows=count_rows(connection),
    )
