"""SQL of the events room: event sources, and the events that came already."""

from collections.abc import Sequence
from datetime import datetime

from openprofiles.core.ids import Id
from openprofiles.features.events.source import EventSource
from openprofiles.storage.database import Row, Transaction


def upsert(transaction: Transaction, domain_id: int, source: EventSource) -> None:
    """Add an event source, or replace its kind and secrets."""
    transaction.send(
        """
        insert into event_sources (domain_id, name, kind, secret, created_at, updated_at)
        values (%s, %s, %s, %s, %s, %s)
        on conflict (domain_id, name) do update set
            kind = excluded.kind, secret = excluded.secret, updated_at = excluded.updated_at
        """,
        [
            domain_id,
            source.name,
            source.kind,
            source.secret,
            source.created_at,
            source.updated_at,
        ],
    )


def find(transaction: Transaction, domain_id: int, name: str) -> EventSource | None:
    """An event source of a domain."""
    row = transaction.row(
        """
        select name, kind, secret, created_at, updated_at from event_sources
        where domain_id = %s and name = %s
        """,
        [domain_id, name],
    )
    return _source(row) if row else None


def list_all(transaction: Transaction, domain_id: int) -> list[EventSource]:
    """The event sources of a domain, by name."""
    rows = transaction.rows(
        """
        select name, kind, secret, created_at, updated_at from event_sources
        where domain_id = %s order by name
        """,
        [domain_id],
    )
    return [_source(row) for row in rows]


def delete(transaction: Transaction, domain_id: int, name: str) -> bool:
    """Remove an event source; whether there was one."""
    return bool(
        transaction.send(
            "delete from event_sources where domain_id = %s and name = %s", [domain_id, name]
        ).count
    )


def remember(
    transaction: Transaction, domain_id: int, delivery_ids: Sequence[Id], now: datetime
) -> bool:
    """Remember an event by all that names it; whether none of that came before.

    Waits for another transaction that takes the same event at the moment.
    """
    count = transaction.send(
        """
        insert into event_deliveries (domain_id, delivery_id, received_at)
        select %s, delivery_id, %s from unnest(%s::uuid[]) as delivery_id
        on conflict do nothing
        """,
        [domain_id, now, list(delivery_ids)],
    ).count
    return count == len(delivery_ids)


def forget(transaction: Transaction, *, before: datetime, limit: int) -> int:
    """Forget events that came before a moment, up to `limit`; how many."""
    return transaction.send(
        """
        delete from event_deliveries where (domain_id, delivery_id) in (
            select domain_id, delivery_id from event_deliveries where received_at < %s limit %s)
        """,
        [before, limit],
    ).count


def _source(row: Row) -> EventSource:
    return EventSource(
        name=row[0], kind=row[1], secret=bytes(row[2]), created_at=row[3], updated_at=row[4]
    )
