"""Writes what a WorkingSet changed: one statement per table, whatever the number of rows.

Rows travel as one JSON parameter that PostgreSQL unfolds (`json_to_recordset`): one encoding in C
for the batch.
"""

from typing import Any, LiteralString

import msgspec

from openprofiles.features import domains
from openprofiles.features.context import Context
from openprofiles.features.profiles import provenance
from openprofiles.features.profiles.key import HeldKey, RecordKey
from openprofiles.features.profiles.profile import Profile
from openprofiles.features.profiles.working_set import WorkingSet
from openprofiles.storage import journal
from openprofiles.storage.database import Transaction

__all__ = ["flush"]


def flush(context: Context, domain: domains.Domain, working: WorkingSet) -> None:
    """Write all changes of `working`; the domain's counters last, since every writer of the domain
    touches them.
    """
    transaction, domain_id = context.transaction, domain.id
    _write_profiles(transaction, domain_id, working)
    _write_objects(context, domain_id, working)
    _write_records(context, domain_id, working)
    _write_keys(transaction, domain_id, working)
    journal.append(transaction, domain_id, working.journal, caller=context.caller, now=context.now)
    counts = working.counts
    domains.count(
        context,
        domain,
        profiles=counts.profiles,
        metering_profiles=counts.metering_profiles,
        objects=counts.objects,
        bytes=counts.bytes,
    )


def _json(rows: list[Any]) -> str:
    return msgspec.json.encode(rows).decode()


def _send(transaction: Transaction, query: LiteralString, domain_id: int, rows: list[Any]) -> None:
    if rows:
        transaction.send(query, [domain_id, _json(rows)])


def _write_profiles(transaction: Transaction, domain_id: int, working: WorkingSet) -> None:
    changed = [profile for profile in working.profiles.values() if profile.is_changed]
    _send(
        transaction,
        """
        insert into profiles (
            domain_id, profile_id, fields, provenance, added_keys, object_counts, object_bytes,
            created_at, written_at, written_on)
        select %s, i, f, p, k, c, b, w, w, (w at time zone 'UTC')::date
        from json_to_recordset(%s::json)
            as row (i uuid, f jsonb, p jsonb, k jsonb, c jsonb, b bigint, w timestamptz)
        """,
        domain_id,
        [_profile_row(profile) for profile in changed if profile.is_new],
    )
    _send(
        transaction,
        """
        update profiles set fields = f, provenance = p, added_keys = k, object_counts = c,
        object_bytes = b,
                            written_at = w, written_on = (w at time zone 'UTC')::date
        from (select %s::integer as d, row.* from json_to_recordset(%s::json)
            as row (i uuid, f jsonb, p jsonb, k jsonb, c jsonb, b bigint, w timestamptz)) as new
        where domain_id = d and profile_id = i
        """,
        domain_id,
        [_profile_row(profile) for profile in changed if not profile.is_new],
    )

    if working.removed_profiles:
        transaction.send(
            "delete from profiles where domain_id = %s and profile_id = any(%s::uuid[])",
            [domain_id, sorted(working.removed_profiles)],
        )


def _profile_row(profile: Profile) -> dict[str, Any]:
    return {
        "i": profile.id,
        "f": profile.fields,
        "p": provenance.encode(profile.provenance),
        "k": profile.added_keys,
        "c": profile.object_counts,
        "b": profile.object_bytes,
        "w": profile.written_at,
    }


def _write_objects(context: Context, domain_id: int, working: WorkingSet) -> None:
    _send(
        context.transaction,
        """
        delete from profile_objects using (select %s::integer as d, row.* from
        json_to_recordset(%s::json)
            as row (t text, u text)) as gone
        where domain_id = d and object_type = t and unique_key = decode(u, 'hex')
        """,
        domain_id,
        [
            {"t": item.object_type, "u": item.unique_key.hex()}
            for item in working.removed_objects.values()
        ],
    )
    _send(
        context.transaction,
        """
        insert into profile_objects (
            domain_id, object_type, unique_key, profile_id, written_id, document, size,
            keys, records, source_time, ingested_at, expires_at)
        select %s, t, decode(u, 'hex'), p, w, d, s, k, r, m, n, e
        from json_to_recordset(%s::json) as row (
            t text, u text, p uuid, w uuid, d text, s integer,
            k jsonb, r jsonb, m timestamptz, n timestamptz, e timestamptz)
        on conflict (domain_id, object_type, unique_key) do update set
            profile_id = excluded.profile_id, written_id = excluded.written_id,
            document = excluded.document, size = excluded.size, keys = excluded.keys,
            records = excluded.records, source_time = excluded.source_time,
            ingested_at = excluded.ingested_at, expires_at = excluded.expires_at
        """,
        domain_id,
        [
            {
                "t": item.object_type,
                "u": item.unique_key.hex(),
                "p": item.profile_id,
                "w": item.written_id,
                "d": item.document,
                "s": item.size,
                "k": item.keys,
                "r": item.records,
                "m": item.source_time,
                "n": context.now,
                "e": item.expires_at,
            }
            for item in working.objects.values()
            if item.is_written
        ],
    )


def _write_records(context: Context, domain_id: int, working: WorkingSet) -> None:
    _send(
        context.transaction,
        """
        delete from standard_records using (select %s::integer as d, row.* from
        json_to_recordset(%s::json)
            as row (t text, i uuid)) as gone
        where domain_id = d and record_type = t and record_id = i
        """,
        domain_id,
        [{"t": record_type, "i": record_id} for record_type, record_id in working.removed_records],
    )
    _send(
        context.transaction,
        """
        insert into standard_records (
            domain_id, record_type, record_id, profile_id, written_id, fields, provenance, fed_by,
            created_at, written_at)
        select %s, t, i, p, w, f, o, b, c, n
        from json_to_recordset(%s::json) as row (
            t text, i uuid, p uuid, w uuid, f jsonb, o jsonb, b jsonb,
            c timestamptz, n timestamptz)
        on conflict (domain_id, record_type, record_id) do update set
            profile_id = excluded.profile_id, written_id = excluded.written_id,
            fields = excluded.fields, provenance = excluded.provenance,
            fed_by = excluded.fed_by, written_at = excluded.written_at
        """,
        domain_id,
        [
            {
                "t": record.record_type,
                "i": record.id,
                "p": record.profile_id,
                "w": record.written_id,
                "f": record.fields,
                "o": provenance.encode(record.provenance),
                "b": record.fed_by,
                "c": record.created_at,
                "n": context.now,
            }
            for record in working.records.values()
            if record.is_changed
        ],
    )


def _write_keys(transaction: Transaction, domain_id: int, working: WorkingSet) -> None:
    changes = working.key_changes
    _send(
        transaction,
        """
        delete from profile_keys using (select %s::integer as d, row.* from
        json_to_recordset(%s::json)
            as row (n text, v text, p uuid, o uuid)) as gone
        where domain_id = d and key_name = n and value = v and profile_id = p and owner_id = o
        """,
        domain_id,
        [_key_row(key) for key, held in changes.items() if not held],
    )
    _send(
        transaction,
        """
        insert into profile_keys (domain_id, key_name, value, profile_id, owner_id)
        select %s, n, v, p, o from json_to_recordset(%s::json) as row (n text, v text, p uuid, o
        uuid)
        on conflict do nothing
        """,
        domain_id,
        [_key_row(key) for key, held in changes.items() if held],
    )
    record_changes = working.record_key_changes
    _send(
        transaction,
        """
        delete from record_keys using (select %s::integer as d, row.* from
        json_to_recordset(%s::json)
            as row (t text, n text, v text, p uuid, r uuid, o uuid)) as gone
        where domain_id = d and record_type = t and key_name = n and value = v and profile_id = p
            and record_id = r and owner_id = o
        """,
        domain_id,
        [_record_key_row(key) for key, held in record_changes.items() if not held],
    )
    _send(
        transaction,
        """
        insert into record_keys (domain_id, record_type, key_name, value, profile_id, record_id,
        owner_id)
        select %s, t, n, v, p, r, o
        from json_to_recordset(%s::json) as row (t text, n text, v text, p uuid, r uuid, o uuid)
        on conflict do nothing
        """,
        domain_id,
        [_record_key_row(key) for key, held in record_changes.items() if held],
    )


def _key_row(key: HeldKey) -> dict[str, Any]:
    return {"n": key.name, "v": key.value, "p": key.profile_id, "o": key.owner_id}


def _record_key_row(key: RecordKey) -> dict[str, Any]:
    return {
        "t": key.record_type,
        "n": key.name,
        "v": key.value,
        "p": key.profile_id,
        "r": key.record_id,
        "o": key.owner_id,
    }
