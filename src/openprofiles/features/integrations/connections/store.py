"""SQL of connections."""

from datetime import datetime

import msgspec

from openprofiles.features.integrations.connections.connection import Connection
from openprofiles.storage.database import Row, Transaction


def upsert(transaction: Transaction, domain_id: int, connection: Connection) -> datetime:
    """Add a connection or replace the one of its name; when it was made first."""
    [(created_at,)] = transaction.rows(
        """
        insert into source_connections (
            domain_id, name, kind, settings, secrets, created_at, updated_at)
        values (%s, %s, %s, %s::jsonb, %s, %s, %s)
        on conflict (domain_id, name) do update set
            kind = excluded.kind, settings = excluded.settings, secrets = excluded.secrets,
            updated_at = excluded.updated_at
        returning created_at
        """,
        [
            domain_id,
            connection.name,
            connection.kind,
            msgspec.json.encode(connection.settings).decode(),
            connection.secrets,
            connection.created_at,
            connection.updated_at,
        ],
    )
    found: datetime = created_at
    return found


def find(transaction: Transaction, domain_id: int, name: str) -> Connection | None:
    """A connection of a domain, None when there is none of this name."""
    row = transaction.row(
        "select name, kind, settings, secrets, created_at, updated_at from source_connections"
        " where domain_id = %s and name = %s",
        [domain_id, name],
    )
    return _connection(row) if row else None


def list_all(transaction: Transaction, domain_id: int) -> list[Connection]:
    """All connections of a domain, by name."""
    rows = transaction.rows(
        "select name, kind, settings, secrets, created_at, updated_at from source_connections"
        " where domain_id = %s order by name",
        [domain_id],
    )
    return [_connection(row) for row in rows]


def delete(transaction: Transaction, domain_id: int, name: str) -> bool:
    """Remove a connection; whether there was one."""
    count = transaction.send(
        "delete from source_connections where domain_id = %s and name = %s", [domain_id, name]
    ).count
    return count > 0


def _connection(row: Row) -> Connection:
    name, kind, settings, secrets, created_at, updated_at = row
    return Connection(
        name=name,
        kind=kind,
        settings=settings,
        secrets=bytes(secrets),
        created_at=created_at,
        updated_at=updated_at,
    )
