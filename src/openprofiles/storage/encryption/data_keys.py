"""The data keys of domains: rows of `data_keys`, each wrapped by a named key."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

import msgspec

from openprofiles.storage.encryption.cipher import context_of, keyring_of, know, unavailable
from openprofiles.storage.encryption.errors import KeyRefused
from openprofiles.storage.encryption.state import State

if TYPE_CHECKING:
    from openprofiles.storage.database import Transaction

Kind = Literal["values", "index"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whose data key it is: a domain's, or one of its object types'."""

    domain_id: int
    account_id: str
    domain_name: str
    object_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKey:
    """A data key as it is kept, without the wrapped key."""

    number: int
    kind: Kind
    object_type: str | None
    named_key: str
    made_at: datetime


def make_key(
    transaction: "Transaction", scope: Scope, named_key: str, kind: Kind, *, now: datetime
) -> int:
    """Make a data key under a named key; its number. The caller owns the domain.

    Raises KeyUnavailable.
    """
    try:
        pair = keyring_of(transaction).make(
            named_key, context_of(scope.account_id, scope.domain_name)
        )
    except KeyRefused as refusal:
        raise unavailable(scope.domain_name, scope.object_type, refusal) from refusal
    [row] = transaction.rows(
        """
        insert into data_keys (domain_id, kind, object_type, named_key, wrapped, made_at)
        values (%s, %s, %s, %s, %s, %s) returning number
        """,
        [scope.domain_id, kind, scope.object_type, named_key, pair.wrapped, now],
    )
    number: int = row[0]
    return number


def rewrap(
    transaction: "Transaction", scope: Scope, number: int, named_key: str, *, now: datetime
) -> None:
    """Wrap a data key by a named key, anew or by another one. Raises KeyUnavailable."""
    [(former, wrapped)] = transaction.rows(
        "select named_key, wrapped from data_keys where domain_id = %s and number = %s",
        [scope.domain_id, number],
    )
    try:
        again = keyring_of(transaction).rewrap(
            former, bytes(wrapped), named_key, context_of(scope.account_id, scope.domain_name)
        )
    except KeyRefused as refusal:
        raise unavailable(scope.domain_name, scope.object_type, refusal) from refusal
    transaction.send(
        """
        update data_keys set named_key = %s, wrapped = %s, made_at = %s
        where domain_id = %s and number = %s
        """,
        [named_key, again, now, scope.domain_id, number],
    )


def change_state(transaction: "Transaction", scope: Scope, state: State) -> None:
    """Have the domain seal with other keys from now on. The caller owns it."""
    stored = state.as_json()
    text = None if stored is None else msgspec.json.encode(stored).decode()
    transaction.send(
        "update domains set encryption = %s::jsonb where domain_id = %s", [text, scope.domain_id]
    )
    know(transaction, scope.domain_id, scope.account_id, scope.domain_name, stored)


def note_work(transaction: "Transaction", domain_id: int, *, now: datetime) -> None:
    """Have all that a domain holds sealed anew, from the start, in the background."""
    transaction.send(
        """
        insert into encryption_work (domain_id, position, rows, started_at, updated_at)
        values (%s, '{}', 0, %s, %s)
        on conflict (domain_id) do update set
            position = excluded.position, rows = 0, started_at = excluded.started_at,
            updated_at = excluded.updated_at
        """,
        [domain_id, now, now],
    )


def list_keys(transaction: "Transaction", domain_id: int) -> list[StoredKey]:
    """The data keys of a domain, the oldest first."""
    rows = transaction.rows(
        """
        select number, kind, object_type, named_key, made_at from data_keys
        where domain_id = %s order by number
        """,
        [domain_id],
    )
    return [
        StoredKey(
            number=number, kind=kind, object_type=object_type, named_key=named_key, made_at=made_at
        )
        for number, kind, object_type, named_key, made_at in rows
    ]


def drop_unused(transaction: "Transaction", domain_id: int, state: State) -> None:
    """Forget the data keys that nothing is sealed with any more. The caller owns the domain."""
    transaction.send(
        "delete from data_keys where domain_id = %s and number <> all(%s::integer[])",
        [domain_id, sorted(state.numbers())],
    )
