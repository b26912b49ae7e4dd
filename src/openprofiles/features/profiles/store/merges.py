"""SQL of merges: their receipts, and what is asked before one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString

import msgspec

from openprofiles.core.ids import FIRST, LAST, Id
from openprofiles.features.profiles.store import sealing
from openprofiles.features.profiles.store.moving import OF_PROFILES
from openprofiles.storage.database import Row, Transaction
from openprofiles.storage.encryption import cipher_of, opened

_COLUMNS: LiteralString = (
    "merge_id, merged_at, cause, principal, request_id, receipt, before, undone_at, undone_by"
)

_RECEIPT: LiteralString = f"""
    with moving as ({OF_PROFILES} offset 0),
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
    cipher = cipher_of(transaction, domain_id)
    if cipher is not None:
        receipt = cipher.seal(receipt, f"merges.receipt/{merge_id}")
        before = sealing.seal_before(cipher, merge_id, before)
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


def find_receipt(transaction: Transaction, domain_id: int, merge_id: Id) -> Row | None:
    """The columns of a receipt; None when there is no such merge."""
    found = _receipts(
        transaction,
        domain_id,
        f"select {_COLUMNS} from merges where domain_id = %s and merge_id = %s",
        [domain_id, merge_id],
    )
    return found[0] if found else None


def list_receipts_after(
    transaction: Transaction, domain_id: int, main_id: Id, moment: datetime
) -> list[Row]:
    """The receipts of merges into a profile after a moment that stand, the oldest first."""
    return _receipts(
        transaction,
        domain_id,
        f"""
        select {_COLUMNS} from merges
        where domain_id = %s and main_id = %s and merged_at > %s and undone_at is null
        order by merged_at
        """,
        [domain_id, main_id, moment],
    )


def list_page_of_receipts(
    transaction: Transaction,
    domain_id: int,
    *,
    profile_id: Id | None,
    before: Id | None,
    limit: int,
) -> list[Row]:
    """Receipts, the newest first, of all merges or of those that a profile took part in."""
    return _receipts(
        transaction,
        domain_id,
        f"""
        select {_COLUMNS} from merges
        where domain_id = %s and merge_id < %s
            and (%s::uuid is null or main_id = %s::uuid or merged_ids @> array[%s::uuid])
        order by merge_id desc limit %s
        """,
        [domain_id, before or LAST, profile_id, profile_id, profile_id, limit],
    )


def find_merge_of(transaction: Transaction, domain_id: int, profile_id: Id) -> Id | None:
    """The merge that took a profile away; None when none did that stands."""
    row = transaction.row(
        """
        select merge_id from merges
        where domain_id = %s and merged_ids @> array[%s::uuid] and undone_at is null
        """,
        [domain_id, profile_id],
    )
    return None if row is None else row[0]


def list_parted(
    transaction: Transaction, domain_id: int, profile_ids: Sequence[Id]
) -> list[tuple[Id, list[Id]]]:
    """(main profile, merged ones) of the merges of these profiles that were undone."""
    rows = transaction.rows(
        """
        select main_id, merged_ids from merges
        where domain_id = %s and undone_at is not null
            and (main_id = any(%s::uuid[]) or merged_ids && %s::uuid[])
        """,
        [domain_id, list(profile_ids), list(profile_ids)],
    )
    return [(main_id, merged_ids) for main_id, merged_ids in rows]


def list_receipts_naming(
    transaction: Transaction, domain_id: int, object_type: str, *, after: Id | None, limit: int
) -> list[Row]:
    """Receipts with values or objects of a type, in the order of their ids."""
    return _receipts(
        transaction,
        domain_id,
        f"""
        select {_COLUMNS} from merges
        where domain_id = %s and merge_id > %s and (
            jsonb_path_exists(before, '$.**.writes[*] ? (@[0] == $type)', %s::jsonb)
            or jsonb_path_exists(before, '$.objects.*[*] ? (@[0] == $type)', %s::jsonb)
            or before -> 'sources' ? %s)
        order by merge_id limit %s
        """,
        [domain_id, after or FIRST, *[_json({"type": object_type})] * 2, object_type, limit],
    )


def update_receipts(
    transaction: Transaction, domain_id: int, before: Mapping[Id, Mapping[str, Any]]
) -> None:
    """Replace members of what receipts say was there before."""
    cipher = cipher_of(transaction, domain_id)
    if cipher is not None:
        before = {
            merge_id: sealing.seal_before(cipher, merge_id, members)
            for merge_id, members in before.items()
        }
    rows = [{"id": merge_id, "members": members} for merge_id, members in before.items()]
    transaction.send(
        """
        update merges set before = (merges.before - %s::text[]) || changed.members
        from (
            select %s::integer as domain_id, row.*
            from json_to_recordset(%s::json) as row (id uuid, members jsonb) offset 0
        ) as changed
        where merges.domain_id = changed.domain_id and merges.merge_id = changed.id
        """,
        [list(sealing.REPLACED), domain_id, _json(rows)],
    )


def close_receipt(
    transaction: Transaction, domain_id: int, merge_id: Id, *, now: datetime, principal: str
) -> None:
    """Note that a merge is undone."""
    transaction.send(
        "update merges set undone_at = %s, undone_by = %s where domain_id = %s and merge_id = %s",
        [now, principal, domain_id, merge_id],
    )


def delete_receipts(transaction: Transaction, domain_id: int, profile_ids: Sequence[Id]) -> int:
    """Forget the merges that profiles took part in, undone ones included; how many."""
    return transaction.send(
        """
        delete from merges
        where domain_id = %s and (main_id = any(%s::uuid[]) or merged_ids && %s::uuid[])
        """,
        [domain_id, list(profile_ids), list(profile_ids)],
    ).count


def _receipts(
    transaction: Transaction, domain_id: int, query: LiteralString, parameters: Sequence[Any]
) -> list[Row]:
    """The receipts that a query for _COLUMNS finds."""
    cipher = cipher_of(transaction, domain_id)
    return opened(transaction.send(query, parameters), cipher, sealing.open_receipt_row).rows()


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
