"""SQL of policies, which belong to accounts, not to domains."""

from collections.abc import Sequence
from datetime import datetime

from openprofiles.storage.database import Row, Transaction


def put(
    transaction: Transaction, account_id: str, *, name: str, document: str, now: datetime
) -> None:
    """Add a policy, or replace its document."""
    transaction.send(
        """
        insert into access_policies (account_id, name, document, created_at, updated_at)
        values (%s, %s, %s, %s, %s)
        on conflict (account_id, name) do update set
            document = excluded.document, updated_at = excluded.updated_at
        """,
        [account_id, name, document, now, now],
    )


def list_all(transaction: Transaction, account_id: str) -> list[Row]:
    """The policies of an account by name: (name, document, made, changed)."""
    return transaction.rows(
        """
        select name, document, created_at, updated_at from access_policies
        where account_id = %s order by name
        """,
        [account_id],
    )


def find(transaction: Transaction, account_id: str, name: str) -> Row | None:
    """A policy of an account: (name, document, made, changed)."""
    return transaction.row(
        """
        select name, document, created_at, updated_at from access_policies
        where account_id = %s and name = %s
        """,
        [account_id, name],
    )


def missing(transaction: Transaction, account_id: str, names: Sequence[str]) -> list[str]:
    """Those of the names that no policy of the account has."""
    rows = transaction.rows(
        """
        select name from unnest(%s::text[]) as name where not exists (
            select from access_policies as policy
            where policy.account_id = %s and policy.name = name.name)
        """,
        [list(names), account_id],
    )
    return [row[0] for row in rows]


def is_attached(transaction: Transaction, account_id: str, name: str) -> bool:
    """Whether a key of the account has the policy."""
    row = transaction.row(
        "select 1 from access_keys where account_id = %s and %s = any(policies) limit 1",
        [account_id, name],
    )
    return row is not None


def delete(transaction: Transaction, account_id: str, name: str) -> bool:
    """Remove a policy; whether there was one."""
    return bool(
        transaction.send(
            "delete from access_policies where account_id = %s and name = %s", [account_id, name]
        ).count
    )
