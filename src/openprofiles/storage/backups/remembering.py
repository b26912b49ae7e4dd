"""When the last backup was made, for who asks how the service is."""

from datetime import datetime

import psycopg

from openprofiles.storage.database import Row, Transaction


def remember(conninfo: str, *, made_at: datetime, size: int) -> None:
    """Keep that a backup was made. A database that cannot keep it, since it is a standby or of an
    earlier schema, is backed up all the same.
    """
    with psycopg.connect(conninfo, connect_timeout=10) as connection:
        row = connection.execute(
            "select to_regclass('last_backup') is not null and not pg_is_in_recovery()"
        ).fetchone()
        if row is not None and row[0]:
            connection.execute("delete from last_backup")
            connection.execute("insert into last_backup values (%s, %s)", [made_at, size])


def find_last(transaction: Transaction) -> Row | None:
    """(moment, bytes) of the last backup that `openprofiles backup` made; None without one."""
    return transaction.row("select made_at, size from last_backup")
