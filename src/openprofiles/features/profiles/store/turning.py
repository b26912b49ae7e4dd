"""Seals what profiles hold anew, with the keys that their domain has now.

A profile has either all of its key values as tokens, or all in the clear; so they turn together,
with its objects and records, while it is locked.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from openprofiles.core.ids import Id
from openprofiles.features.object_types import standard_objects
from openprofiles.features.profiles.key import ADDED, FIELDS, HeldKey, RecordKey, object_owner
from openprofiles.features.profiles.profile_object import ProfileObject, StandardRecord
from openprofiles.features.profiles.store import sealing
from openprofiles.features.profiles.store.reading import (
    OBJECT,
    PROFILE,
    RECORD,
    as_object,
    as_profile,
    as_record,
)
from openprofiles.features.profiles.working_set import record_index_keys
from openprofiles.storage.database import Transaction
from openprofiles.storage.encryption import Cipher

PROFILES_AT_ONCE = 200
BYTES_AT_ONCE = 16 << 20


def list_page_to_turn(transaction: Transaction, domain_id: int, *, after: Id) -> list[Id]:
    """The next profiles by id, as many as hold some megabytes of objects together."""
    rows = transaction.rows(
        """
        select profile_id, object_bytes from profiles
        where domain_id = %s and profile_id > %s order by profile_id limit %s
        """,
        [domain_id, after, PROFILES_AT_ONCE],
    )
    page: list[Id] = []
    size = 0
    for profile_id, object_bytes in rows:
        size += object_bytes
        if page and size > BYTES_AT_ONCE:
            break
        page.append(profile_id)
    return page


def turn(
    transaction: Transaction,
    domain_id: int,
    cipher: Cipher,
    profile_ids: Iterable[Id],
    *,
    is_forced: bool = False,
) -> None:
    """Seal anew what these profiles hold, with their keys if they have not turned yet; the caller
    has locked them. `is_forced` is for those that have, or need not.
    """
    wanted = [domain_id, list(profile_ids)]
    rows = transaction.rows(
        f"select {PROFILE} from profiles where domain_id = %s and profile_id = any(%s::uuid[])",
        wanted,
    )
    if not is_forced:
        # Who turned a profile has sealed its fields, or put them in the clear.
        rows = [row for row in rows if not cipher.is_current(row[3], cipher.state.values)]
        wanted = [domain_id, [row[0] for row in rows]]
    if not rows:
        return
    items = transaction.rows(
        f"""
        select item.document, {", ".join(f"item.{name}" for name in OBJECT.split(", "))}
        from unnest(%s::uuid[]) as wanted (id) cross join lateral (
            select document, {OBJECT} from profile_objects
            where domain_id = %s and profile_id = wanted.id offset 0
        ) as item
        """,
        wanted[::-1],
    )
    records = transaction.rows(
        f"""
        select record.* from unnest(%s::uuid[]) as wanted (id) cross join lateral (
            select {RECORD} from standard_records
            where domain_id = %s and profile_id = wanted.id offset 0
        ) as record
        """,
        wanted[::-1],
    )
    if not is_forced:
        _turn_keys(transaction, domain_id, cipher, rows, items, records)
    _seal(transaction, domain_id, cipher, rows, items, records)


def _turn_keys(
    transaction: Transaction,
    domain_id: int,
    cipher: Cipher,
    rows: Sequence[Any],
    items: Sequence[Any],
    records: Sequence[Any],
) -> None:
    held = [as_object(sealing.open_object(cipher, tuple(row[1:]))) for row in items]
    known = [as_record(sealing.open_record(cipher, row)) for row in records]
    keys: list[HeldKey] = []
    for row in rows:
        profile = as_profile(sealing.open_profile(cipher, row))
        index = standard_objects.index_keys("_profile", profile.fields) if profile.fields else []
        keys.extend((*key, profile.id, FIELDS) for key in index)
        keys.extend((*key, profile.id, ADDED) for key in profile.added_keys)
    for item in held:
        keys.extend((*key, item.profile_id, object_owner(item.unique_key)) for key in item.keys)
    for record in known:
        keys.extend((*key, record.profile_id, record.id) for key in record_index_keys(record))
    _update(
        transaction,
        """
        update profile_keys as held set value = row.new
        from (
            select %s::integer as domain_id, row.* from json_to_recordset(%s::json) as row (
                name text, old text, new text, profile_id uuid, owner_id uuid) offset 0
        ) as row
        where held.domain_id = row.domain_id and held.key_name = row.name
            and held.value = row.old and held.profile_id = row.profile_id
            and held.owner_id = row.owner_id
        """,
        domain_id,
        [
            {**_forms(cipher, name, value), "profile_id": profile_id, "owner_id": owner_id}
            for name, value, profile_id, owner_id in keys
        ],
    )
    _turn_record_keys(transaction, domain_id, cipher, _record_keys(held, known))


def _turn_record_keys(
    transaction: Transaction, domain_id: int, cipher: Cipher, keys: Iterable[RecordKey]
) -> None:
    _update(
        transaction,
        """
        update record_keys as held set value = row.new
        from (
            select %s::integer as domain_id, row.* from json_to_recordset(%s::json) as row (
                type text, name text, old text, new text, profile_id uuid, record_id uuid,
                owner_id uuid) offset 0
        ) as row
        where held.domain_id = row.domain_id and held.record_type = row.type
            and held.key_name = row.name and held.value = row.old
            and held.profile_id = row.profile_id and held.record_id = row.record_id
            and held.owner_id = row.owner_id
        """,
        domain_id,
        [
            {
                **_forms(cipher, name, value),
                "type": record_type,
                "profile_id": profile_id,
                "record_id": record_id,
                "owner_id": owner_id,
            }
            for record_type, name, value, profile_id, record_id, owner_id in keys
        ],
    )


def _record_keys(
    items: Iterable[ProfileObject], records: Iterable[StandardRecord]
) -> Iterator[RecordKey]:
    """The rows of `record_keys` of these records, by the objects that feed them."""
    for record in records:
        for key in record_index_keys(record):
            yield record.record_type, *key, record.profile_id, record.id, record.id
    for item in items:
        owner = object_owner(item.unique_key)
        for record_type, record_id in item.records.items():
            for key in item.keys:
                yield record_type, *key, item.profile_id, record_id, owner


def _forms(cipher: Cipher, name: str, value: str) -> dict[str, str]:
    new, *former = cipher.forms(name, value)
    return {"name": name, "old": former[0] if former else new, "new": new}


def _seal(
    transaction: Transaction,
    domain_id: int,
    cipher: Cipher,
    rows: Sequence[Any],
    items: Sequence[Any],
    records: Sequence[Any],
) -> None:
    _update(
        transaction,
        """
        update profiles as profile set fields = row.fields, added_keys = row.keys
        from (
            select %s::integer as domain_id, row.* from json_to_recordset(%s::json) as row (
                id uuid, fields jsonb, keys jsonb) offset 0
        ) as row
        where profile.domain_id = row.domain_id and profile.profile_id = row.id
        """,
        domain_id,
        [_profile(cipher, row) for row in rows],
    )
    _update(
        transaction,
        """
        update profile_objects as item set document = row.document, keys = row.keys
        from (
            select %s::integer as domain_id, row.* from json_to_recordset(%s::json) as row (
                type text, key bytea, document text, keys jsonb) offset 0
        ) as row
        where item.domain_id = row.domain_id and item.object_type = row.type
            and item.unique_key = row.key
        """,
        domain_id,
        [_object(cipher, row) for row in items],
    )
    _update(
        transaction,
        """
        update standard_records as record set fields = row.fields
        from (
            select %s::integer as domain_id, row.* from json_to_recordset(%s::json) as row (
                type text, id uuid, fields jsonb) offset 0
        ) as row
        where record.domain_id = row.domain_id and record.record_type = row.type
            and record.record_id = row.id
        """,
        domain_id,
        [_record(cipher, row) for row in records],
    )


def _profile(cipher: Cipher, row: Sequence[Any]) -> dict[str, Any]:
    place = sealing.place_of_profile(row[0])
    return {
        "id": row[0],
        "fields": cipher.seal(cipher.open(row[3], place), place),
        "keys": cipher.tokens(cipher.values(row[5])),
    }


def _object(cipher: Cipher, row: Sequence[Any]) -> dict[str, Any]:
    document, object_type, unique_key, *_ = row
    place = sealing.place_of_object(object_type, bytes(unique_key))
    text = cipher.open_text(document, place)
    return {
        "type": object_type,
        "key": "\\x" + bytes(unique_key).hex(),
        "document": cipher.seal_text(text, place, object_type),
        "keys": cipher.tokens(cipher.values(row[6])),
    }


def _record(cipher: Cipher, row: Sequence[Any]) -> dict[str, Any]:
    place = sealing.place_of_record(row[1])
    fields = cipher.seal(cipher.open(row[5], place), place)
    return {"type": row[0], "id": row[1], "fields": fields}


def _update(transaction: Transaction, query: Any, domain_id: int, rows: list[Any]) -> None:
    if rows:
        transaction.send(query, [domain_id, msgspec.json.encode(rows).decode()])
