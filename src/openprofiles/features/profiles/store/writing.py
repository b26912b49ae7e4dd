"""Writes what a WorkingSet changed: one statement per table, whatever the number of rows.

Changed and removed rows travel as one JSON parameter that PostgreSQL unfolds; new ones by
storage/inserting.py. `offset 0` keeps the planner from moving the domain's id out of those rows: of
a domain that is newer than its statistics it believes that it has hardly any rows, and would read
all of them rather than look each up.
"""

from datetime import datetime
from typing import Any, LiteralString

import msgspec

from openprofiles.features import domains
from openprofiles.features.context import Context, ProfileChange
from openprofiles.features.profiles import provenance
from openprofiles.features.profiles.profile import Profile
from openprofiles.features.profiles.profile_object import ProfileObject, StandardRecord
from openprofiles.features.profiles.store import sealing
from openprofiles.features.profiles.store.former import keep_former
from openprofiles.features.profiles.working_set import WorkingSet
from openprofiles.storage import journal
from openprofiles.storage.database import Transaction
from openprofiles.storage.encryption import Cipher, cipher_of
from openprofiles.storage.inserting import Table, insert

_PROFILES = Table(
    "profiles",
    {
        "profile_id": "uuid",
        "fields": "jsonb",
        "provenance": "jsonb",
        "added_keys": "jsonb",
        "object_counts": "jsonb",
        "object_bytes": "bigint",
        "written_at": "timestamptz",
        "written_on": "date",
        "created_at": "timestamptz",
    },
)
_OBJECTS = Table(
    "profile_objects",
    {
        "object_type": "text",
        "unique_key": "bytea",
        "profile_id": "uuid",
        "written_id": "uuid",
        "document": "text",
        "size": "integer",
        "keys": "jsonb",
        "records": "jsonb",
        "source_time": "timestamptz",
        "ingested_at": "timestamptz",
        "expires_at": "timestamptz",
    },
)
_RECORDS = Table(
    "standard_records",
    {
        "record_type": "text",
        "record_id": "uuid",
        "profile_id": "uuid",
        "written_id": "uuid",
        "fields": "jsonb",
        "provenance": "jsonb",
        "fed_by": "jsonb",
        "written_at": "timestamptz",
        "created_at": "timestamptz",
    },
)
_KEYS = Table(
    "profile_keys",
    {"key_name": "text", "value": "text", "profile_id": "uuid", "owner_id": "uuid"},
)
_RECORD_KEYS = Table(
    "record_keys",
    {
        "record_type": "text",
        "key_name": "text",
        "value": "text",
        "profile_id": "uuid",
        "record_id": "uuid",
        "owner_id": "uuid",
    },
)


def flush(context: Context, domain: domains.Domain, working: WorkingSet) -> None:
    """Write all changes of `working`, and have the domain's statistics moved with the commit."""
    transaction, domain_id = context.transaction, domain.id
    _write_profiles(transaction, domain_id, working)
    keep_former(transaction, domain_id, working, now=context.now)
    _write_objects(context, domain_id, working)
    _write_records(context, domain_id, working)
    _write_keys(transaction, domain_id, working)
    journal.append(transaction, domain_id, working.journal, caller=context.caller, now=context.now)
    _tell_followers(context, domain, working)
    counts = working.counts
    domains.count(
        context,
        domain,
        profiles=counts.profiles,
        metering_profiles=counts.metering_profiles,
        objects=counts.objects,
        bytes=counts.bytes,
    )


def _tell_followers(context: Context, domain: domains.Domain, working: WorkingSet) -> None:
    if not context.followers:
        return
    written = {
        profile.id: profile.fields
        for profile in working.profiles.values()
        if profile.is_new or profile.has_new_fields
    }
    if not written and not working.removed_profiles:
        return
    change = ProfileChange(
        domain_id=domain.id,
        domain_name=domain.name,
        configuration=domain.configuration,
        written=written,
        removed=frozenset(working.removed_profiles),
    )
    for follow in context.followers:
        follow(context, change)


def _send(transaction: Transaction, query: LiteralString, domain_id: int, rows: list[Any]) -> None:
    if rows:
        transaction.send(query, [domain_id, msgspec.json.encode(rows).decode()])


def _as_objects(table: Table, rows: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """Rows for `json_to_recordset`, by the names of their columns."""
    return [dict(zip(table.columns, row, strict=False)) for row in rows]


def _write_profiles(transaction: Transaction, domain_id: int, working: WorkingSet) -> None:
    moments = _Moments()
    changed = [profile for profile in working.profiles.values() if profile.is_changed]
    new = [
        (*_profile_row(profile, moments), moments.text(profile.created_at))
        for profile in changed
        if profile.is_new
    ]
    old = [_profile_row(profile, moments) for profile in changed if not profile.is_new]
    cipher = cipher_of(transaction, domain_id)
    if cipher is not None:
        new = [sealing.seal_profile_row(cipher, row) for row in new]
        old = [sealing.seal_profile_row(cipher, row) for row in old]
    insert(transaction, _PROFILES, domain_id, new)
    _send(
        transaction,
        """
        update profiles as profile set
            fields = new.fields, provenance = new.provenance, added_keys = new.added_keys,
            object_counts = new.object_counts, object_bytes = new.object_bytes,
            written_at = new.written_at, written_on = new.written_on
        from (
            select %s::integer as domain_id, row.* from json_to_recordset(%s::json) as row (
                profile_id uuid, fields jsonb, provenance jsonb, added_keys jsonb,
                object_counts jsonb, object_bytes bigint, written_at timestamptz, written_on date)
            offset 0
        ) as new
        where profile.domain_id = new.domain_id and profile.profile_id = new.profile_id
        """,
        domain_id,
        _as_objects(_PROFILES, old),
    )
    if working.removed_profiles:
        transaction.send(
            """
            delete from profiles as profile using (
                select %s::integer as domain_id, gone.* from unnest(%s::uuid[]) as gone (profile_id)
                offset 0
            ) as gone
            where profile.domain_id = gone.domain_id and profile.profile_id = gone.profile_id
            """,
            [domain_id, sorted(working.removed_profiles)],
        )


class _Moments:
    """Writes moments as text, one after the other. The rows of a batch share theirs: the same
    object again is the same text.
    """

    def __init__(self) -> None:
        self._last: datetime | None = None
        self._text = ""

    def text(self, moment: datetime) -> str:
        if moment is not self._last:
            self._last, self._text = moment, moment.isoformat()
        return self._text


def _profile_row(profile: Profile, moments: _Moments) -> tuple[Any, ...]:
    written_at = moments.text(profile.written_at)
    return (
        profile.id,
        profile.fields,
        provenance.encode(profile.provenance),
        profile.added_keys,
        profile.object_counts,
        profile.object_bytes,
        written_at,
        written_at[: len("2026-01-01")],
    )


def _write_objects(context: Context, domain_id: int, working: WorkingSet) -> None:
    _send(
        context.transaction,
        """
        delete from profile_objects using (
            select %s::integer as domain_id, row.* from json_to_recordset(%s::json) as row (
                object_type text, unique_key bytea)
            offset 0
        ) as gone
        where profile_objects.domain_id = gone.domain_id
            and profile_objects.object_type = gone.object_type
            and profile_objects.unique_key = gone.unique_key
        """,
        domain_id,
        [
            {"object_type": item.object_type, "unique_key": _bytea(item.unique_key)}
            for item in working.removed_objects.values()
        ],
    )
    now, expiries = context.now.isoformat(), _Moments()
    written = [item for item in working.objects.values() if item.is_written]
    new = [_object_row(item, now, expiries) for item in written if item.is_new]
    old = [_object_row(item, now, expiries) for item in written if not item.is_new]
    cipher = cipher_of(context.transaction, domain_id)
    if cipher is not None:
        new = [_seal_object_row(cipher, row) for row in new]
        old = [_seal_object_row(cipher, row) for row in old]
    insert(context.transaction, _OBJECTS, domain_id, new)
    _send(
        context.transaction,
        """
        update profile_objects as item set
            profile_id = new.profile_id, written_id = new.written_id, document = new.document,
            size = new.size, keys = new.keys, records = new.records,
            source_time = new.source_time, ingested_at = new.ingested_at,
            expires_at = new.expires_at
        from (
            select %s::integer as domain_id, row.* from json_to_recordset(%s::json) as row (
                object_type text, unique_key bytea, profile_id uuid, written_id uuid,
                document text, size integer, keys jsonb, records jsonb, source_time timestamptz,
                ingested_at timestamptz, expires_at timestamptz)
            offset 0
        ) as new
        where item.domain_id = new.domain_id and item.object_type = new.object_type
            and item.unique_key = new.unique_key
        """,
        domain_id,
        _as_objects(_OBJECTS, old),
    )


def _seal_object_row(cipher: Cipher, row: tuple[Any, ...]) -> tuple[Any, ...]:
    object_type, key, profile_id, written_id, document, size, keys, *others = row
    place = sealing.place_of_object(object_type, bytes.fromhex(key[2:]))
    document = cipher.seal_text(document, place, object_type)
    return object_type, key, profile_id, written_id, document, size, cipher.tokens(keys), *others


def _bytea(value: bytes) -> str:
    return "\\x" + value.hex()


def _object_row(item: ProfileObject, now: str, expiries: _Moments) -> tuple[Any, ...]:
    return (
        item.object_type,
        _bytea(item.unique_key),
        item.profile_id,
        item.written_id,
        item.document,
        item.size,
        item.keys,
        item.records,
        None if item.source_time is None else item.source_time.isoformat(),
        now if item.ingested_at is None else item.ingested_at.isoformat(),
        expiries.text(item.expires_at),
    )


def _write_records(context: Context, domain_id: int, working: WorkingSet) -> None:
    _send(
        context.transaction,
        """
        delete from standard_records using (
            select %s::integer as domain_id, row.* from json_to_recordset(%s::json) as row (
                record_type text, record_id uuid)
            offset 0
        ) as gone
        where standard_records.domain_id = gone.domain_id
            and standard_records.record_type = gone.record_type
            and standard_records.record_id = gone.record_id
        """,
        domain_id,
        [
            {"record_type": record_type, "record_id": record_id}
            for record_type, record_id in working.removed_records
        ],
    )
    now = context.now.isoformat()
    changed = [record for record in working.records.values() if record.is_changed]
    new = [
        (*_record_row(record, now), record.created_at.isoformat())
        for record in changed
        if record.is_new
    ]
    old = [_record_row(record, now) for record in changed if not record.is_new]
    cipher = cipher_of(context.transaction, domain_id)
    if cipher is not None:
        new = [_seal_record_row(cipher, row) for row in new]
        old = [_seal_record_row(cipher, row) for row in old]
    insert(context.transaction, _RECORDS, domain_id, new)
    _send(
        context.transaction,
        """
        update standard_records as record set
            profile_id = new.profile_id, written_id = new.written_id, fields = new.fields,
            provenance = new.provenance, fed_by = new.fed_by, written_at = new.written_at
        from (
            select %s::integer as domain_id, row.* from json_to_recordset(%s::json) as row (
                record_type text, record_id uuid, profile_id uuid, written_id uuid, fields jsonb,
                provenance jsonb, fed_by jsonb, written_at timestamptz)
            offset 0
        ) as new
        where record.domain_id = new.domain_id and record.record_type = new.record_type
            and record.record_id = new.record_id
        """,
        domain_id,
        _as_objects(_RECORDS, old),
    )


def _seal_record_row(cipher: Cipher, row: tuple[Any, ...]) -> tuple[Any, ...]:
    record_type, record_id, profile_id, written_id, fields, *others = row
    fields = cipher.seal(fields, sealing.place_of_record(record_id))
    return record_type, record_id, profile_id, written_id, fields, *others


def _record_row(record: StandardRecord, now: str) -> tuple[Any, ...]:
    return (
        record.record_type,
        record.id,
        record.profile_id,
        record.written_id,
        record.fields,
        provenance.encode(record.provenance),
        record.fed_by,
        now,
    )


def _write_keys(transaction: Transaction, domain_id: int, working: WorkingSet) -> None:
    cipher = cipher_of(transaction, domain_id)
    changes, record_changes = working.key_changes, working.record_key_changes
    if cipher is not None:
        changes = {sealing.seal_key_row(cipher, key): held for key, held in changes.items()}
        record_changes = {
            sealing.seal_record_key_row(cipher, key): held for key, held in record_changes.items()
        }
    _send(
        transaction,
        """
        delete from profile_keys as held using (
            select %s::integer as domain_id, row.* from json_to_recordset(%s::json) as row (
                key_name text, value text, profile_id uuid, owner_id uuid)
            offset 0
        ) as gone
        where held.domain_id = gone.domain_id and held.key_name = gone.key_name
            and held.value = gone.value and held.profile_id = gone.profile_id
            and held.owner_id = gone.owner_id
        """,
        domain_id,
        _as_objects(_KEYS, [key for key, held in changes.items() if not held]),
    )
    insert(transaction, _KEYS, domain_id, [key for key, held in changes.items() if held])
    _send(
        transaction,
        """
        delete from record_keys as held using (
            select %s::integer as domain_id, row.* from json_to_recordset(%s::json) as row (
                record_type text, key_name text, value text, profile_id uuid, record_id uuid,
                owner_id uuid)
            offset 0
        ) as gone
        where held.domain_id = gone.domain_id and held.record_type = gone.record_type
            and held.key_name = gone.key_name and held.value = gone.value
            and held.profile_id = gone.profile_id and held.record_id = gone.record_id
            and held.owner_id = gone.owner_id
        """,
        domain_id,
        _as_objects(_RECORD_KEYS, [key for key, held in record_changes.items() if not held]),
    )
    new = [key for key, held in record_changes.items() if held]
    insert(transaction, _RECORD_KEYS, domain_id, new)
