"""Rows of integrations."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from openprofiles.features.integrations.integration import Integration
from openprofiles.storage.database import Row, Transaction

_COLUMNS = "uri, members, flow, bookmark, next_run_at, created_at, updated_at"


def upsert(transaction: Transaction, domain_id: int, integration: Integration) -> None:
    """Add an integration, or replace what callers say of it and its schedule."""
    transaction.send(
        """
        insert into integrations (
            domain_id, uri, members, flow, bookmark, next_run_at, created_at, updated_at)
        values (%s, %s, %s::jsonb, %s::jsonb, %s::jsonb, %s, %s, %s)
        on conflict (domain_id, uri) do update set
            members = excluded.members, next_run_at = excluded.next_run_at,
            updated_at = excluded.updated_at
        """,
        [
            domain_id,
            integration.uri,
            _json(integration.members),
            _json(integration.flow) if integration.flow is not None else None,
            _json(integration.bookmark) if integration.bookmark is not None else None,
            integration.next_run_at,
            integration.created_at,
            integration.updated_at,
        ],
    )


def find(transaction: Transaction, domain_id: int, uri: str) -> Integration | None:
    """An integration of a domain, None when there is none with this Uri."""
    row = transaction.row(
        f"select {_COLUMNS} from integrations where domain_id = %s and uri = %s", [domain_id, uri]
    )
    return _integration(row) if row else None


def find_event_integration(
    transaction: Transaction, domain_id: int, name: str
) -> Integration | None:
    """The integration whose Uri names an event integration of AppIntegrations, in any account."""
    end = f":event-integration/{name}"
    row = transaction.row(
        f"""
        select {_COLUMNS} from integrations
        where domain_id = %s and split_part(uri, ':', 3) = 'app-integrations'
            and right(uri, length(%s)) = %s
        order by uri limit 1
        """,
        [domain_id, end, end],
    )
    return _integration(row) if row else None


def lock(transaction: Transaction, domain_id: int, uri: str) -> Integration | None:
    """An integration, which nobody else changes until this transaction ends."""
    row = transaction.row(
        f"select {_COLUMNS} from integrations where domain_id = %s and uri = %s for update",
        [domain_id, uri],
    )
    return _integration(row) if row else None


def delete(transaction: Transaction, domain_id: int, uri: str) -> bool:
    """Remove an integration; whether there was one."""
    count = transaction.send(
        "delete from integrations where domain_id = %s and uri = %s", [domain_id, uri]
    ).count
    return count > 0


def list_page(
    transaction: Transaction, domain_id: int, *, after: tuple[datetime | str, str], limit: int
) -> list[Integration]:
    """Up to `limit` integrations of a domain by creation and Uri, those after `after`."""
    rows = transaction.rows(
        f"""
        select {_COLUMNS} from integrations
        where domain_id = %s and (created_at, uri) > (%s::timestamptz, %s)
        order by created_at, uri limit %s
        """,
        [domain_id, *after, limit],
    )
    return [_integration(row) for row in rows]


def list_of_account(
    transaction: Transaction, account_id: str, uri: str, *, after: str, limit: int
) -> list[tuple[int, str, Integration]]:
    """Up to `limit` integrations of an account with this Uri, each with its domain's id and name,
    by that name.
    """
    rows = transaction.rows(
        """
        select domains.domain_id, domains.name, source.uri, source.members, source.flow,
            source.bookmark, source.next_run_at, source.created_at, source.updated_at
        from integrations as source join domains using (domain_id)
        where domains.account_id = %s and source.uri = %s and domains.name > %s
        order by domains.name limit %s
        """,
        [account_id, uri, after, limit],
    )
    return [(domain_id, name, _integration(tuple(row))) for domain_id, name, *row in rows]


def count(transaction: Transaction, domain_id: int) -> int:
    """How many integrations a domain has."""
    row = transaction.row("select count(*) from integrations where domain_id = %s", [domain_id])
    return row[0] if row else 0


def set_bookmark(
    transaction: Transaction, domain_id: int, uri: str, bookmark: Mapping[str, Any]
) -> None:
    """Note how far incremental pulls have come."""
    transaction.send(
        "update integrations set bookmark = %s::jsonb where domain_id = %s and uri = %s",
        [_json(bookmark), domain_id, uri],
    )


def set_next_run(
    transaction: Transaction, domain_id: int, uri: str, moment: datetime | None
) -> None:
    """Note when the next run is due."""
    transaction.send(
        "update integrations set next_run_at = %s where domain_id = %s and uri = %s",
        [moment, domain_id, uri],
    )


def list_due(transaction: Transaction, *, now: datetime, limit: int) -> list[Row]:
    """Integrations of all accounts whose next run is due: (account, domain's name, Uri)."""
    return transaction.rows(
        """
        select domains.account_id, domains.name, source.uri
        from integrations as source join domains using (domain_id)
        where source.next_run_at <= %s order by source.next_run_at limit %s
        """,
        [now, limit],
    )


def _integration(row: Row) -> Integration:
    uri, members, flow, bookmark, next_run_at, created_at, updated_at = row
    return Integration(
        uri=uri,
        members=members,
        flow=flow,
        bookmark=bookmark,
        next_run_at=next_run_at,
        created_at=created_at,
        updated_at=updated_at,
    )


def _json(value: Any) -> str:
    encoded: Mapping[str, Any] = value
    return msgspec.json.encode(encoded).decode()
