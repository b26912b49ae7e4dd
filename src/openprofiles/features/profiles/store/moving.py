"""SQL that moves what profiles hold to other profiles, set by set.

What moves is named by `moving`: the objects of profiles, or listed ones, each with the profile it
goes to. For `lateral` and `offset 0` see reading.py.
"""

from collections.abc import Mapping, Sequence
from typing import Any, LiteralString

import msgspec

from openprofiles.core.ids import Id
from openprofiles.storage.database import Transaction

OF_PROFILES: LiteralString = """
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


def move_all_objects(
    transaction: Transaction, domain_id: int, *, main_id: Id, merged_ids: Sequence[Id]
) -> None:
    """All objects of the merged profiles go to the main one, with the key values that they hold."""
    parameters = {"domain": domain_id, "main": main_id, "merged": list(merged_ids)}
    _move(transaction, OF_PROFILES, parameters)


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


def tie_objects(
    transaction: Transaction,
    domain_id: int,
    ties: Mapping[tuple[str, str], Mapping[str, Id]],
) -> None:
    """Objects (type, unique key in hex) feed these standard records from now on."""
    rows = [{"type": kind, "hex": key, "ties": records} for (kind, key), records in ties.items()]
    transaction.send(
        """
        update profile_objects as item set records = tied.ties
        from (
            select %s::integer as domain_id, type, decode(hex, 'hex') as key, ties
            from json_to_recordset(%s::json) as row (type text, hex text, ties jsonb) offset 0
        ) as tied
        where item.domain_id = tied.domain_id and item.object_type = tied.type
            and item.unique_key = tied.key
        """,
        [domain_id, _json(rows)],
    )


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
