"""Reads profiles, their keys, objects and standard records, and says which are due or wanted.

Many rows are looked up one by one in a `lateral` part, with the domain's id among what is `wanted`
and kept there by `offset 0`: of a domain that is newer than its statistics the planner believes
that it has hardly any rows, and would read all of them instead.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, LiteralString

import msgspec

from openprofiles.core.ids import FIRST, LAST, Id
from openprofiles.features.profiles import provenance
from openprofiles.features.profiles.profile import Profile
from openprofiles.features.profiles.profile_object import ProfileObject, StandardRecord
from openprofiles.features.profiles.store import sealing
from openprofiles.features.profiles.working_set import HOLDERS_LOADED, Key
from openprofiles.storage.database import Pending, Row, Transaction
from openprofiles.storage.encryption import Cipher, cipher_of, found_now, opened

PROFILE: LiteralString = """
    profile_id, created_at, written_at, fields, provenance, added_keys, object_counts, object_bytes
"""
OBJECT: LiteralString = (
    "object_type, unique_key, profile_id, written_id, size, keys, records, source_time, expires_at"
)
RECORD: LiteralString = (
    "record_type, record_id, profile_id, written_id, created_at, fields, provenance, fed_by"
)


def send_holders(transaction: Transaction, domain_id: int, keys: Sequence[Key]) -> Pending:
    """Ask who holds each key value: (name, value, profile, owners), at most HOLDERS_LOADED
    profiles for one.
    """
    transaction.has_looked_up = True
    cipher = cipher_of(transaction, domain_id)
    stored = sealing.forms_of(cipher, keys)
    pending = transaction.send(
        f"""
        select wanted.name, wanted.value, held.profile_id, held.owners
        from json_to_recordset(%s::json) as wanted (name text, value text)
        cross join lateral (
            select profile_id, array_agg(owner_id) as owners
            from profile_keys
            where domain_id = %s and key_name = wanted.name and value = wanted.value
            group by profile_id order by profile_id limit {HOLDERS_LOADED}
        ) as held
        """,
        [_json([{"name": name, "value": value} for name, value in stored]), domain_id],
    )
    return opened(pending, cipher, sealing.open_holder)


def send_objects(
    transaction: Transaction, domain_id: int, object_type: str, unique_keys: Sequence[bytes]
) -> Pending:
    """Ask for the stored objects of a type by their unique keys, without documents."""
    cipher = cipher_of(transaction, domain_id)
    pending = transaction.send(
        f"""
        select item.* from (
            select %s::integer as domain, %s as type, decode(hex, 'hex') as key
            from json_array_elements_text(%s::json) as hex offset 0
        ) as wanted cross join lateral (
            select {OBJECT} from profile_objects
            where domain_id = wanted.domain and object_type = wanted.type
                and unique_key = wanted.key limit 1
        ) as item
        """,
        [domain_id, object_type, _json([key.hex() for key in unique_keys])],
    )
    return opened(pending, cipher, sealing.open_object)


def send_records(
    transaction: Transaction,
    domain_id: int,
    profile_ids: Iterable[Id],
    keys: Sequence[tuple[str, str, str]],
    record_ids: Sequence[Id],
) -> tuple[Pending, Pending]:
    """Ask for records by (type, key name, value) on profiles, and by id: holders, then rows."""
    cipher = cipher_of(transaction, domain_id)
    if cipher is not None:
        keys = [
            (record_type, *form)
            for record_type, *key in keys
            for form in sealing.forms_of(cipher, [(key[0], key[1])])
        ]
    columns = [list(column) for column in zip(*keys, strict=True)] or [[], [], []]
    found = """
        select held.record_type, held.key_name, held.value, held.profile_id, held.record_id,
        held.owner_id
        from unnest(%s::text[], %s::text[], %s::text[]) as wanted (record_type, key_name, value)
        join record_keys as held using (record_type, key_name, value)
        where held.domain_id = %s and held.profile_id = any(%s::uuid[])
        """
    parameters: list[Any] = [*columns, domain_id, list(profile_ids)]
    holders = transaction.send(found, parameters)
    rows = transaction.send(
        f"""
        select {RECORD} from standard_records
        where domain_id = %s
            and (record_id = any(%s::uuid[])
                or record_id in (select record_id from ({found}) as found))
        """,
        [domain_id, list(record_ids), *parameters],
    )
    return (
        opened(holders, cipher, sealing.open_record_holder),
        opened(rows, cipher, sealing.open_record),
    )


def find_oldest_object(
    transaction: Transaction,
    domain_id: int,
    profile_id: Id,
    object_type: str,
    skip: Iterable[bytes],
) -> ProfileObject | None:
    """The oldest stored object of a profile and type whose unique key is not among `skip`."""
    cipher = cipher_of(transaction, domain_id)
    pending = transaction.send(
        f"""
        select {OBJECT} from profile_objects
        where domain_id = %s and profile_id = %s and object_type = %s and unique_key <> all(%s)
        order by written_id limit 1
        """,
        [domain_id, profile_id, object_type, list(skip)],
    )
    row = opened(pending, cipher, sealing.open_object).row()
    return None if row is None else as_object(row)


def find_objects(
    transaction: Transaction, domain_id: int, keys: Sequence[tuple[str, bytes]]
) -> list[ProfileObject]:
    """The stored objects with these (type, unique key) pairs."""
    return _objects(
        transaction,
        domain_id,
        f"""
        select item.* from (
            select %s::integer as domain, type, key
            from unnest(%s::text[], %s::bytea[]) as wanted (type, key) offset 0
        ) as wanted cross join lateral (
            select {OBJECT} from profile_objects
            where domain_id = wanted.domain and object_type = wanted.type
                and unique_key = wanted.key limit 1
        ) as item
        """,
        [domain_id, [object_type for object_type, _ in keys], [key for _, key in keys]],
    )


def list_objects_of(
    transaction: Transaction, domain_id: int, profile_ids: Iterable[Id]
) -> list[ProfileObject]:
    """All objects of profiles."""
    return _objects(
        transaction,
        domain_id,
        f"""
        select item.* from (
            select %s::integer as domain, id from unnest(%s::uuid[]) as id offset 0
        ) as wanted cross join lateral (
            select {OBJECT} from profile_objects
            where domain_id = wanted.domain and profile_id = wanted.id offset 0
        ) as item
        """,
        [domain_id, list(profile_ids)],
    )


def list_objects_by_type(
    transaction: Transaction, domain_id: int, object_type: str, *, limit: int
) -> list[ProfileObject]:
    """Some objects of a type, `limit` at most; empty when none is left."""
    return _objects(
        transaction,
        domain_id,
        f"select {OBJECT} from profile_objects where domain_id = %s and object_type = %s limit %s",
        [domain_id, object_type, limit],
    )


def list_expired_objects(
    transaction: Transaction, domain_id: int, now: datetime, *, limit: int
) -> list[ProfileObject]:
    """Some objects whose time is over, the longest expired first."""
    return _objects(
        transaction,
        domain_id,
        f"""
        select {OBJECT} from profile_objects where domain_id = %s and expires_at <= %s
        order by expires_at limit %s
        """,
        [domain_id, now, limit],
    )


def _objects(
    transaction: Transaction, domain_id: int, query: LiteralString, parameters: Sequence[Any]
) -> list[ProfileObject]:
    """The objects that a query for OBJECT finds."""
    cipher = cipher_of(transaction, domain_id)
    pending = transaction.send(query, parameters)
    return [as_object(row) for row in opened(pending, cipher, sealing.open_object).rows()]


def list_profiles_unwritten_since(
    transaction: Transaction, domain_id: int, moment: datetime, *, limit: int
) -> list[Id]:
    """Some profiles whose last write was at `moment` or before."""
    rows = transaction.rows(
        """
        select profile_id from profiles
        where domain_id = %s and written_on <= (%s at time zone 'UTC')::date and written_at <= %s
        limit %s
        """,
        [domain_id, moment, moment, limit],
    )
    return [row[0] for row in rows]


def list_profiles_written_by(
    transaction: Transaction, domain_id: int, object_type: str, *, after: Id | None, limit: int
) -> list[Id]:
    """Profiles with a field whose value came from a type, in the order of their ids."""
    rows = transaction.rows(
        """
        select profile_id from profiles
        where domain_id = %s and profile_id > %s
            and exists (
                select from jsonb_array_elements(provenance -> 'writes') as write
                where write ->> 0 = %s
            )
        order by profile_id limit %s
        """,
        [domain_id, after or FIRST, object_type, limit],
    )
    return [row[0] for row in rows]


def find_fields(
    transaction: Transaction, domain_id: int, profile_ids: Sequence[Id]
) -> dict[Id, dict[str, Any]]:
    """The standard fields of those of the profiles that exist."""
    cipher = cipher_of(transaction, domain_id)
    pending = transaction.send(
        """
        select profile_id, fields from profiles
        where domain_id = %s and profile_id = any(%s::uuid[])
        """,
        [domain_id, list(profile_ids)],
    )
    return dict(opened(pending, cipher, sealing.open_fields).rows())


def drop_object_keys(
    transaction: Transaction, domain_id: int, profile_id: Id, keys: Sequence[Key]
) -> None:
    """Take key values away from the objects of a profile that hold them."""
    names, values = _key_columns(cipher_of(transaction, domain_id), keys)
    transaction.send(
        """
        with gone as (select name, value from unnest(%s::text[], %s::text[]) as gone (name, value)),
        stripped as (
            update profile_objects as item
            set keys = coalesce((
                select jsonb_agg(held.key order by held.place)
                from jsonb_array_elements(item.keys) with ordinality as held (key, place)
                where (held.key ->> 0, held.key ->> 1) not in (select name, value from gone)
            ), '[]')
            where item.domain_id = %s and item.profile_id = %s and exists (
                select from gone where item.keys @> jsonb_build_array(jsonb_build_array(gone.name,
                gone.value)))
            returning encode(substring(item.unique_key for 16), 'hex')::uuid as owner_id
        )
        delete from profile_keys using gone
        where domain_id = %s and key_name = gone.name and profile_keys.value = gone.value
            and profile_id = %s and owner_id in (select owner_id from stripped)
        """,
        [names, values, domain_id, profile_id, domain_id, profile_id],
    )


def list_page_of_objects(
    transaction: Transaction,
    domain_id: int,
    profile_id: Id,
    object_type: str,
    *,
    keys: Sequence[Key] | None,
    before: Id | None,
    limit: int,
) -> list[Row]:
    """Objects of a profile and type, the newest first: (written id, unique key, document).

    With `keys`, only objects that hold one of them.
    """
    cipher = cipher_of(transaction, domain_id)
    rows = transaction.rows(
        """
        select item.*, domains.encryption from domains left join (
            select written_id, unique_key, document from profile_objects as item
            where domain_id = %s and profile_id = %s and object_type = %s and written_id < %s
                and (%s::text[] is null or exists (
                    select from unnest(%s::text[], %s::text[]) as wanted (name, value)
                    where item.keys
                        @> jsonb_build_array(jsonb_build_array(wanted.name, wanted.value))))
            order by written_id desc limit %s
        ) as item on true
        where domains.domain_id = %s order by item.written_id desc
        """,
        [
            domain_id,
            profile_id,
            object_type,
            before or LAST,
            *_filter_columns(cipher, keys),
            limit,
            domain_id,
        ],
    )
    found = found_now(transaction, domain_id, rows)
    if cipher is None:
        return found
    return [
        (
            written_id,
            unique_key,
            cipher.open_text(document, sealing.place_of_object(object_type, bytes(unique_key))),
        )
        for written_id, unique_key, document in found
    ]


def list_page_of_records(
    transaction: Transaction,
    domain_id: int,
    profile_id: Id,
    record_type: str,
    *,
    keys: Sequence[Key] | None,
    before: Id | None,
    limit: int,
) -> list[StandardRecord]:
    """Standard records of a profile and type, the last written first; with `keys`, only those that
    hold one of them.
    """
    cipher = cipher_of(transaction, domain_id)
    rows = transaction.rows(
        f"""
        select record.*, domains.encryption from domains left join (
            select {RECORD} from standard_records as record
            where domain_id = %s and profile_id = %s and record_type = %s and written_id < %s
                and (%s::text[] is null or exists (
                    select from unnest(%s::text[], %s::text[]) as wanted (name, value)
                    join record_keys as held on held.domain_id = record.domain_id
                        and held.record_type = record.record_type and held.key_name = wanted.name
                        and held.value = wanted.value and held.profile_id = record.profile_id
                        and held.record_id = record.record_id))
            order by written_id desc limit %s
        ) as record on true
        where domains.domain_id = %s order by record.written_id desc
        """,
        [
            domain_id,
            profile_id,
            record_type,
            before or LAST,
            *_filter_columns(cipher, keys),
            limit,
            domain_id,
        ],
    )
    found = found_now(transaction, domain_id, rows)
    return [as_record(row if cipher is None else sealing.open_record(cipher, row)) for row in found]


def _filter_columns(cipher: Cipher | None, keys: Sequence[Key] | None) -> list[Any]:
    if keys is None:
        return [None, None, None]
    names, values = _key_columns(cipher, keys)
    return [names, names, values]


def _key_columns(cipher: Cipher | None, keys: Sequence[Key]) -> tuple[list[str], list[str]]:
    """The names of keys, and their values as they are stored."""
    stored = sealing.forms_of(cipher, keys)
    return [name for name, _ in stored], [value for _, value in stored]


def profile_exists(transaction: Transaction, domain_id: int, profile_id: Id) -> bool:
    """Whether the domain has the profile."""
    query = "select from profiles where domain_id = %s and profile_id = %s"
    return transaction.row(query, [domain_id, profile_id]) is not None


def as_profile(row: Row) -> Profile:
    """A profile from its columns."""
    profile_id, created_at, written_at, fields, origins, added_keys, counts, size = row
    return Profile(
        profile_id,
        created_at,
        written_at,
        fields,
        provenance.decode(origins, fields),
        [(name, value) for name, value in added_keys],
        counts,
        size,
    )


def as_object(row: Row) -> ProfileObject:
    """An object from its columns, without its document."""
    (
        object_type,
        unique_key,
        profile_id,
        written_id,
        size,
        keys,
        records,
        source_time,
        expires_at,
    ) = row
    return ProfileObject(
        object_type,
        bytes(unique_key),
        profile_id,
        written_id,
        size,
        [(name, value) for name, value in keys],
        records,
        source_time,
        expires_at,
    )


def as_record(row: Row) -> StandardRecord:
    """A standard record from its columns."""
    record_type, record_id, profile_id, written_id, created_at, fields, origins, fed_by = row
    return StandardRecord(
        record_type,
        record_id,
        profile_id,
        written_id,
        created_at,
        fields,
        provenance.decode(origins, fields),
        [(object_type, key) for object_type, key in fed_by],
    )


def _json(value: Any) -> str:
    """One parameter for many values: PostgreSQL unfolds it for less than an array costs here."""
    return msgspec.json.encode(value).decode()
