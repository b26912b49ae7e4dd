"""SQL of the object types room."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from openprofiles.core.ids import Id
from openprofiles.features.object_types.object_type import ObjectType
from openprofiles.storage.database import Pending, Row, Transaction


def send_find_version(
    transaction: Transaction, account_id: str, domain_name: str, name: str, known: Id | None
) -> Pending:
    """Ask for `(version, definition)` of a type; without the definition when its version is
    `known`.
    """
    return transaction.send(
        """
        select types.version, case when types.version = %s then null else types.definition end
        from domains join object_types types using (domain_id)
        where domains.account_id = %s and domains.name = %s and types.name = %s
        """,
        [known, account_id, domain_name, name],
    )


def find(transaction: Transaction, domain_id: int, name: str) -> ObjectType | None:
    """The object type called `name`, None when it is not defined."""
    row = transaction.row(
        """
        select name, definition, created_at, updated_at from object_types
        where domain_id = %s and name = %s
        """,
        [domain_id, name],
    )
    return _object_type(row) if row else None


def exists(transaction: Transaction, domain_id: int, name: str) -> bool:
    """Whether an object type is defined."""
    row = transaction.row(
        "select 1 from object_types where domain_id = %s and name = %s", [domain_id, name]
    )
    return row is not None


def list_page(
    transaction: Transaction, domain_id: int, *, after: str, limit: int
) -> list[ObjectType]:
    """Up to `limit` object types by name, those after `after`."""
    rows = transaction.rows(
        """
        select name, definition, created_at, updated_at from object_types
        where domain_id = %s and name > %s order by name limit %s
        """,
        [domain_id, after, limit],
    )
    return [_object_type(row) for row in rows]


def count_and_claims(transaction: Transaction, domain_id: int) -> tuple[int, int]:
    """How many object types a domain has, and the sum of their MaxProfileObjectCount."""
    [row] = transaction.rows(
        """
        select count(*), coalesce(sum((definition ->> 'MaxProfileObjectCount')::bigint), 0)::bigint
        from object_types where domain_id = %s
        """,
        [domain_id],
    )
    return row[0], row[1]


def object_limits(
    transaction: Transaction, domain_id: int
) -> dict[str, tuple[int | None, str | None]]:
    """Of every object type its MaxProfileObjectCount and its TemplateId, None where it has none."""
    rows = transaction.rows(
        """
        select name, (definition ->> 'MaxProfileObjectCount')::bigint, definition ->> 'TemplateId'
        from object_types where domain_id = %s
        """,
        [domain_id],
    )
    return {name: (count, template_id) for name, count, template_id in rows}


def upsert(
    transaction: Transaction,
    domain_id: int,
    name: str,
    *,
    definition: Mapping[str, Any],
    version: Id,
    now: datetime,
) -> ObjectType:
    """Define an object type, or replace its definition."""
    [row] = transaction.rows(
        """
        insert into object_types (domain_id, name, version, definition, created_at, updated_at)
        values (%s, %s, %s, %s::json, %s, %s)
        on conflict (domain_id, name) do update set version = excluded.version,
            definition = excluded.definition, updated_at = excluded.updated_at
        returning name, definition, created_at, updated_at
        """,
        [domain_id, name, version, msgspec.json.encode(definition).decode(), now, now],
    )
    return _object_type(row)


def delete(transaction: Transaction, domain_id: int, name: str) -> bool:
    """Remove an object type; whether there was one."""
    pending = transaction.send(
        "delete from object_types where domain_id = %s and name = %s", [domain_id, name]
    )
    return pending.count > 0


def find_key(transaction: Transaction, domain_id: int, key_name: str) -> tuple[str, ...] | None:
    """The content types of a key that object types of the domain use, None when none does."""
    return find_keys(transaction, domain_id, [key_name]).get(key_name)


def find_keys(
    transaction: Transaction, domain_id: int, key_names: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """The content types of those of the keys that object types of the domain use."""
    rows = transaction.rows(
        """
        select key_name, content_types from domain_keys
        where domain_id = %s and key_name = any(%s)
        """,
        [domain_id, list(key_names)],
    )
    return {key_name: tuple(content_types) for key_name, content_types in rows}


def list_keys(transaction: Transaction, domain_id: int) -> dict[str, tuple[str, ...]]:
    """The content types of all keys that object types of the domain use."""
    rows = transaction.rows(
        "select key_name, content_types from domain_keys where domain_id = %s order by key_name",
        [domain_id],
    )
    return {key_name: tuple(content_types) for key_name, content_types in rows}


def keys_of_other_types(
    transaction: Transaction, domain_id: int, *, name: str, key_names: Sequence[str]
) -> set[str]:
    """Those of the keys that an object type other than `name` uses."""
    rows = transaction.rows(
        """
        select distinct key_name
        from object_types, json_object_keys(definition -> 'Keys') as key_name
        where domain_id = %s and name <> %s and key_name = any(%s)
        """,
        [domain_id, name, list(key_names)],
    )
    return {row[0] for row in rows}


def put_keys(transaction: Transaction, domain_id: int, keys: Mapping[str, Sequence[str]]) -> None:
    """Record the content types of keys that an object type uses."""
    for key_name, content_types in keys.items():
        transaction.send(
            """
            insert into domain_keys (domain_id, key_name, content_types) values (%s, %s, %s)
            on conflict (domain_id, key_name) do update set content_types = excluded.content_types
            """,
            [domain_id, key_name, list(content_types)],
        )


def delete_unused_keys(transaction: Transaction, domain_id: int) -> None:
    """Forget the keys that no object type of the domain uses any more."""
    transaction.send(
        """
        delete from domain_keys where domain_id = %s and key_name not in (
            select key_name from object_types, json_object_keys(definition -> 'Keys') as key_name
            where domain_id = %s
        )
        """,
        [domain_id, domain_id],
    )


def _object_type(row: Row) -> ObjectType:
    name, definition, created_at, updated_at = row
    return ObjectType(
        name=name, definition=definition, created_at=created_at, updated_at=updated_at
    )
