"""SQL of merges: moving what profiles hold, set by set, and the receipts.

What moves is named by `moving`: the objects of profiles, or listed ones, each with the profile it
goes to. For `lateral` and `offset 0` see reading.py.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString

import msgspec

from openprofiles.core.ids import Id
from openprofiles.features.profiles.store.reading import RECORD
from openprofiles.storage.database import Pending, Transaction

_OF_PROFILES: LiteralString = """
    select wanted.domain_id, wanted.next_id, item.*
    from (
        select %(domain)s::integer as domain_id, id, %(main)s::uuid as next_id
        from unnest(%(merged)s::uuid[]) as id offset 0
    ) as wanted cross join lateral (
        select object_type, unique_key, profile_id, written_id, keys, records
        from profile_objects
        where domain_id = wanted.domain_id and profile_id = wanted.id offset 0
    ) as item
"""
_LISTED: LiteralString = """
    select wanted.domain_id, wanted.next_id, item.*
    from (
        select %(domain)s::integer as domain_id, decode(hex, 'hex') as key, type, next_id
        from json_to_recordset(%(objects)s::json) as row (type text, hex text, next_id uuid)
        offset 0
    ) as wanted cross join lateral (
        select object_type, unique_key, profile_id, written_id, keys, records
        from profile_objects
        where domain_id = wanted.domain_id and object_type = wanted.type
            and unique_key = wanted.key limit 1
    ) as item
"""
_OWNER: LiteralString = "encode(substring(moving.unique_key for 16), 'hex')::uuid as owner_id"

_MOVES: LiteralString = """
    update profile_keys as held set profile_id = moved.next_id
    from (
        select moving.*, key ->> 0 as key_name, key ->> 1 as value, {owner}
        from ({moving}) as moving cross join lateral jsonb_array_elements(moving.keys) as key
        offset 0
    ) as moved
    where held.domain_id = moved.domain_id and held.key_name = moved.key_name
        and held.value = moved.value and held.profile_id = moved.profile_id
        and held.owner_id = moved.owner_id
"""
_MOVES_OF_RECORDS: LiteralString = """
    update record_keys as held set profile_id = moved.next_id
    from (
        select moving.*, key ->> 0 as key_name, key ->> 1 as value, {owner},
            record_type, record_id::uuid
        from ({moving}) as moving cross join lateral jsonb_array_elements(moving.keys) as key
        cross join lateral jsonb_each_text(moving.records) as tie (record_type, record_id)
        offset 0
    ) as moved
    where held.domain_id = moved.domain_id and held.record_type = moved.record_type
        and held.key_name = moved.key_name and held.value = moved.value
        and held.profile_id = moved.profile_id and held.record_id = moved.record_id
        and held.owner_id = moved.owner_id
"""
_MOVES_OF_OBJECTS: LiteralString = """
    update profile_objects as item set profile_id = moving.next_id
    from ({moving} offset 0) as moving
    where item.domain_id = moving.domain_id and item.object_type = moving.object_type
        and item.unique_key = moving.unique_key
"""

_RECEIPT: LiteralString = f"""
    with moving as ({_OF_PROFILES} offset 0),
    objects as (
        select profile_id, jsonb_agg(jsonb_build_array(object_type, encode(unique_key, 'hex'))
            order by written_id, object_type, unique_key) as listed
        from moving group by profile_id
    ), keys as (
        select profile_id, jsonb_agg(distinct key) as listed
        from moving cross join lateral jsonb_array_elements(keys) as key group by profile_id
    )
    insert into merges (
        domain_id, merge_id, main_id, merged_ids, merged_at, cause, principal, request_id,
        receipt, before)
    select %(domain)s, %(merge)s, %(main)s, %(merged)s::uuid[],
        greatest(%(now)s, (
            select max(merged_at) + interval '1 microsecond' from merges
            where domain_id = %(domain)s and main_id = %(main)s)),
        %(cause)s, %(principal)s, %(request)s, %(receipt)s::jsonb,
        %(before)s::jsonb || jsonb_build_object(
            'objects', (select coalesce(
                jsonb_object_agg(replace(profile_id::text, '-', ''), listed), '{{}}')
                from objects),
            'keys', (select coalesce(
                jsonb_object_agg(replace(profile_id::text, '-', ''), listed), '{{}}')
                from keys),
            'main_objects', (select coalesce(
                string_agg(encode(substring(unique_key for 8), 'hex'), ''), '')
                from profile_objects where domain_id = %(domain)s and profile_id = %(main)s)
        )
"""


def move_all_objects(
    transaction: Transaction, domain_id: int, *, main_id: Id, merged_ids: Sequence[Id]
) -> None:
    """All objects of the merged profiles go to the main one, with the key values that they hold."""
    parameters = {"domain": domain_id, "main": main_id, "merged": list(merged_ids)}
    _move(transaction, _OF_PROFILES, parameters)


def move_objects(
    transaction: Transaction, domain_id: int, moves: Sequence[tuple[str, str, Id]]
) -> None:
    """Objects (type, unique key in hex, profile to go to) move with the key values they hold."""
    rows = [{"type": kind, "hex": key, "next_id": next_id} for kind, key, next_id in moves]
    _move(transaction, _LISTED, {"domain": domain_id, "objects": _json(rows)})


def _move(transaction: Transaction, moving: LiteralString, parameters: Mapping[str, Any]) -> None:
    # The objects last: until then they say where the keys are.
    for statement in (_MOVES, _MOVES_OF_RECORDS, _MOVES_OF_OBJECTS):
        transaction.send(statement.format(moving=moving, owner=_OWNER), parameters)


def move_records(
    transaction: Transaction, domain_id: int, moves: Sequence[tuple[str, Id, Id]]
) -> None:
    """Standard records (type, id, profile to go to) move; their keys are the caller's to move."""
    if not moves:
        return
    rows = [{"type": kind, "id": id, "next_id": next_id} for kind, id, next_id in moves]
    transaction.send(
        """
        update standard_records as record set profile_id = moving.next_id
        from (
            select %s::integer as domain_id, row.*
            from json_to_recordset(%s::json) as row (type text, id uuid, next_id uuid) offset 0
        ) as moving
        where record.domain_id = moving.domain_id and record.record_type = moving.type
            and record.record_id = moving.id
        """,
        [domain_id, _json(rows)],
    )


def send_records_of(transaction: Transaction, domain_id: int, profile_ids: Sequence[Id]) -> Pending:
    """Ask for all standard records of profiles."""
    return transaction.send(
        f"""
        select record.* from (
            select %s::integer as domain, id from unnest(%s::uuid[]) as id offset 0
        ) as wanted cross join lateral (
            select {RECORD} from standard_records
            where domain_id = wanted.domain and profile_id = wanted.id offset 0
        ) as record
        """,
        [domain_id, list(profile_ids)],
    )


def find_main(transaction: Transaction, domain_id: int, profile_ids: Sequence[Id]) -> Id | None:
    """The profile with the most objects, among equals the oldest; None when there is none."""
    row = transaction.row(
        """
        select profile_id from profiles
        where domain_id = %s and profile_id = any(%s::uuid[])
        order by (
            select coalesce(sum(count::bigint), 0)
            from jsonb_each_text(object_counts) as counted (object_type, count)
        ) desc, created_at, profile_id
        limit 1
        """,
        [domain_id, list(profile_ids)],
    )
    return None if row is None else row[0]


def insert_receipt(
    transaction: Transaction,
    domain_id: int,
    *,
    merge_id: Id,
    main_id: Id,
    merged_ids: Sequence[Id],
    now: datetime,
    cause: str,
    principal: str,
    request_id: str,
    receipt: Mapping[str, Any],
    before: Mapping[str, Any],
) -> None:
    """Keep a receipt, with the objects that are about to move; later than all of the main profile
    before it, whatever the clock says.
    """
    transaction.send(
        _RECEIPT,
        {
            "domain": domain_id,
            "merge": merge_id,
            "main": main_id,
            "merged": list(merged_ids),
            "now": now,
            "cause": cause,
            "principal": principal,
            "request": request_id,
            "receipt": _json(receipt),
            "before": _json(before),
        },
    )


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
