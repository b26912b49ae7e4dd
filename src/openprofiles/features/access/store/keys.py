"""SQL of access keys, which belong to accounts, not to domains."""

from datetime import datetime, timedelta

from openprofiles.features.access.key import Key, Use
from openprofiles.storage.database import Row, Transaction

_COLUMNS = """access_key_id, account_id, name, sealed, policies, inline_policy, is_enabled,
    created_at, expires_at, last_used_at, last_used_operation, last_used_address"""


def insert(transaction: Transaction, key: Key) -> None:
    """Add a key."""
    transaction.send(
        """
        insert into access_keys (access_key_id, account_id, name, sealed, policies, inline_policy,
            is_enabled, created_at, expires_at)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s)
        """,
        [
            key.id,
            key.account_id,
            key.name,
            key.sealed,
            list(key.policies),
            key.inline,
            key.is_enabled,
            key.created_at,
            key.expires_at,
        ],
    )


def find(transaction: Transaction, account_id: str, key_id: str) -> Key | None:
    """A key of an account."""
    row = transaction.row(
        f"select {_COLUMNS} from access_keys where account_id = %s and access_key_id = %s",
        [account_id, key_id],
    )
    return _key(row) if row else None


def find_of_any_account(transaction: Transaction, key_id: str) -> tuple[Key, dict[str, str]] | None:
    """A key of whatever account, with the documents of the policies that it names."""
    row = transaction.row(
        f"""
        select {_COLUMNS}, (
            select array_agg(array[policy.name, policy.document]) from access_policies as policy
            where policy.account_id = access_keys.account_id
                and policy.name = any(access_keys.policies)
        )
        from access_keys where access_key_id = %s
        """,
        [key_id],
    )
    return (_key(row[:-1]), dict(row[-1] or ())) if row else None


def has_any(transaction: Transaction) -> bool:
    """Whether any account has a key."""
    return transaction.row("select account_id from access_keys limit 1") is not None


def list_page(transaction: Transaction, account_id: str, *, after: str, limit: int) -> list[Key]:
    """Up to `limit` keys of an account by id, those after `after`."""
    rows = transaction.rows(
        f"""
        select {_COLUMNS} from access_keys where account_id = %s and access_key_id > %s
        order by access_key_id limit %s
        """,
        [account_id, after, limit],
    )
    return [_key(row) for row in rows]


def count(transaction: Transaction, account_id: str) -> int:
    """How many keys an account has."""
    row = transaction.row("select count(*) from access_keys where account_id = %s", [account_id])
    return row[0] if row else 0


def update(transaction: Transaction, key: Key) -> None:
    """Change what can change of a key."""
    transaction.send(
        """
        update access_keys
        set policies = %s, inline_policy = %s, is_enabled = %s, expires_at = %s
        where account_id = %s and access_key_id = %s
        """,
        [
            list(key.policies),
            key.inline,
            key.is_enabled,
            key.expires_at,
            key.account_id,
            key.id,
        ],
    )


def delete(transaction: Transaction, account_id: str, key_id: str) -> bool:
    """Remove a key; whether there was one."""
    return bool(
        transaction.send(
            "delete from access_keys where account_id = %s and access_key_id = %s",
            [account_id, key_id],
        ).count
    )


def delete_expired(transaction: Transaction, account_id: str, *, before: datetime) -> None:
    """Remove the keys of an account that expired before a moment."""
    transaction.send(
        "delete from access_keys where account_id = %s and expires_at < %s", [account_id, before]
    )


def note_use(
    transaction: Transaction, account_id: str, key_id: str, use: Use, *, every: timedelta
) -> None:
    """Remember the use of a key, unless another worker has noted one a moment ago."""
    transaction.send(
        """
        update access_keys
        set last_used_at = %s, last_used_operation = %s, last_used_address = %s
        where account_id = %s and access_key_id = %s
            and (last_used_at is null or last_used_at <= %s)
        """,
        [use.at, use.operation, use.address, account_id, key_id, use.at - every],
    )


def _key(row: Row) -> Key:
    *_, used_at, operation, address = row
    return Key(
        id=row[0],
        account_id=row[1],
        name=row[2],
        sealed=bytes(row[3]),
        policies=tuple(row[4]),
        inline=row[5],
        is_enabled=row[6],
        created_at=row[7],
        expires_at=row[8],
        last_use=Use(at=used_at, operation=operation, address=address) if used_at else None,
    )
