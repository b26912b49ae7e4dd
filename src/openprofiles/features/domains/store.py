"""SQL of the domains room."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from openprofiles.features.domains.domain import Domain
from openprofiles.storage import encryption
from openprofiles.storage.database import Row, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What a domain holds; `metering_profiles` counts a profile once for each 100 objects begun."""

    profiles: int = 0
    metering_profiles: int = 0
    objects: int = 0
    bytes: int = 0


def find(transaction: Transaction, account_id: str, name: str) -> Domain | None:
    """The domain called `name`, None when there is none."""
    row = transaction.row(
        """
        select domain_id, name, configuration, created_at, updated_at, encryption, has_tombstones
        from domains
        where account_id = %s and name = %s
        """,
        [account_id, name],
    )
    if row is None:
        return None
    return _known(transaction, account_id, row[:-1], has_tombstones=row[-1])


def list_page(transaction: Transaction, account_id: str, *, after: str, limit: int) -> list[Domain]:
    """Up to `limit` domains of an account by name, those after `after`."""
    rows = transaction.rows(
        """
        select domain_id, name, configuration, created_at, updated_at, encryption from domains
        where account_id = %s and name > %s order by name limit %s
        """,
        [account_id, after, limit],
    )
    return [_domain(row) for row in rows]


def list_all(transaction: Transaction, *, after_id: int, limit: int) -> list[tuple[str, Domain]]:
    """Domains of all accounts with the account of each, in the order they were made."""
    rows = transaction.rows(
        """
        select account_id, domain_id, name, configuration, created_at, updated_at, encryption
        from domains
        where domain_id > %s order by domain_id limit %s
        """,
        [after_id, limit],
    )
    return [(account_id, _known(transaction, account_id, tuple(row))) for account_id, *row in rows]


def count_of_account(transaction: Transaction, account_id: str) -> int:
    """How many domains an account has."""
    row = transaction.row("select count(*) from domains where account_id = %s", [account_id])
    return row[0] if row else 0


def insert(
    transaction: Transaction,
    account_id: str,
    *,
    name: str,
    configuration: Mapping[str, Any],
    now: datetime,
) -> Domain:
    """Add a domain, whose name must be free."""
    [row] = transaction.rows(
        """
        insert into domains (account_id, name, configuration, created_at, updated_at)
        values (%s, %s, %s::jsonb, %s, %s)
        returning domain_id, name, configuration, created_at, updated_at, encryption
        """,
        [account_id, name, _json(configuration), now, now],
    )
    return _known(transaction, account_id, row)


def update(
    transaction: Transaction, domain_id: int, *, configuration: Mapping[str, Any], now: datetime
) -> Domain:
    """Replace the configuration of a domain."""
    [row] = transaction.rows(
        """
        update domains set configuration = %s::jsonb, updated_at = %s where domain_id = %s
        returning domain_id, name, configuration, created_at, updated_at, encryption
        """,
        [_json(configuration), now, domain_id],
    )
    return _domain(row)


def delete(transaction: Transaction, domain_id: int, *, now: datetime) -> None:
    """Remove the domain, so that its name is free, and leave what it held to the sweep."""
    transaction.send("delete from domains where domain_id = %s", [domain_id])
    transaction.send(
        "insert into deleted_domains (domain_id, deleted_at) values (%s, %s)", [domain_id, now]
    )


def add_counts(transaction: Transaction, domain_id: int, change: Counts) -> None:
    """Add to the counts of a domain, in the shard of this connection."""
    transaction.send(
        """
        insert into domain_counts (domain_id, shard, profiles, metering_profiles, objects, bytes)
        values (%s, pg_backend_pid() %% 32, %s, %s, %s, %s)
        on conflict (domain_id, shard) do update set
            profiles = domain_counts.profiles + excluded.profiles,
            metering_profiles = domain_counts.metering_profiles + excluded.metering_profiles,
            objects = domain_counts.objects + excluded.objects,
            bytes = domain_counts.bytes + excluded.bytes
        """,
        [domain_id, change.profiles, change.metering_profiles, change.objects, change.bytes],
    )


def sum_counts(transaction: Transaction, domain_id: int) -> Counts:
    """What a domain holds, over all shards."""
    [row] = transaction.rows(
        """
        select coalesce(sum(profiles), 0)::bigint, coalesce(sum(metering_profiles), 0)::bigint,
            coalesce(sum(objects), 0)::bigint, coalesce(sum(bytes), 0)::bigint
        from domain_counts where domain_id = %s
        """,
        [domain_id],
    )
    profiles, metering_profiles, objects, size = row
    return Counts(
        profiles=profiles, metering_profiles=metering_profiles, objects=objects, bytes=size
    )


def find_rule_status(transaction: Transaction, domain_id: int) -> str | None:
    """How far the rules of a domain have been applied; None when nobody has begun."""
    row = transaction.row("select status from rule_states where domain_id = %s", [domain_id])
    return row[0] if row else None


def _known(
    transaction: Transaction, account_id: str, row: Row, *, has_tombstones: bool = False
) -> Domain:
    """A domain from its columns; the transaction learns how its values are sealed."""
    encryption.know(transaction, row[0], account_id, row[1], row[5])
    return _domain(row, has_tombstones=has_tombstones)


def _domain(row: Row, *, has_tombstones: bool = False) -> Domain:
    domain_id, name, configuration, created_at, updated_at, _ = row
    return Domain(
        id=domain_id,
        name=name,
        configuration=configuration,
        created_at=created_at,
        updated_at=updated_at,
        has_tombstones=has_tombstones,
    )


def _json(value: Mapping[str, Any]) -> str:
    return msgspec.json.encode(value).decode()
