"""Documents of objects as they were: what the history shows of versions that are gone.

A put writes nothing here: its document is where the object is, until another version takes its
place or the object goes. Then the database copies it, without it coming by us.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from openprofiles.core.ids import Id
from openprofiles.features.profiles.profile_object import ProfileObject
from openprofiles.features.profiles.store.sealing import place_of_object
from openprofiles.features.profiles.working_set import WorkingSet
from openprofiles.storage.database import Row, Transaction
from openprofiles.storage.encryption import Cipher, cipher_of, require_clear
from openprofiles.storage.inserting import Table, insert

_FORMER = Table(
    "former_objects",
    {
        "object_type": "text",
        "unique_key": "bytea",
        "written_id": "uuid",
        "profile_id": "uuid",
        "document": "text",
        "gone_at": "timestamptz",
    },
)


def keep_former(
    transaction: Transaction, domain_id: int, working: WorkingSet, *, now: datetime
) -> None:
    """Keep the documents that `working` replaces or removes, before it does."""
    if not working.keeps_former:
        return
    cipher = cipher_of(transaction, domain_id)
    rows = [_row(cipher, item, now) for item in working.former_objects]
    insert(transaction, _FORMER, domain_id, rows)
    # A replay writes the same version again: that is none which goes.
    going = [
        _going(item, written_id=item.written_id)
        for item in working.objects.values()
        if item.is_written and not item.is_new
    ]
    going += [_going(item, written_id=None) for item in working.removed_objects.values()]
    if going:
        transaction.send(
            """
            insert into former_objects (
                domain_id, object_type, unique_key, written_id, profile_id, document, gone_at)
            select item.domain_id, item.object_type, item.unique_key, item.written_id,
                item.profile_id, item.document, %s
            from (
                select %s::integer as domain_id, row.*
                from json_to_recordset(%s::json) as row (t text, k bytea, w uuid) offset 0
            ) as going cross join lateral (
                select * from profile_objects
                where domain_id = going.domain_id and object_type = going.t
                    and unique_key = going.k limit 1
            ) as item
            where item.written_id is distinct from going.w
            on conflict do nothing
            """,
            [now, domain_id, msgspec.json.encode(going).decode()],
        )


def _going(item: ProfileObject, *, written_id: Id | None) -> dict[str, Any]:
    return {"t": item.object_type, "k": _bytea(item.unique_key), "w": written_id}


def _row(cipher: Cipher | None, item: ProfileObject, now: datetime) -> tuple[Any, ...]:
    document = item.document or ""
    return (
        item.object_type,
        _bytea(item.unique_key),
        item.written_id,
        item.profile_id,
        document if cipher is None else _sealed(cipher, item, document),
        now.isoformat(),
    )


def _sealed(cipher: Cipher, item: ProfileObject, document: str) -> str:
    """A document as it would be where the object is: the database copies some from there."""
    place = place_of_object(item.object_type, item.unique_key)
    return cipher.seal_text(document, place, item.object_type)


def _opened(
    transaction: Transaction, domain_id: int, object_type: str, unique_key: bytes, document: str
) -> str:
    cipher = cipher_of(transaction, domain_id)
    if cipher is None:
        require_clear(transaction, document)
        return document
    return cipher.open_text(document, place_of_object(object_type, unique_key))


def _bytea(value: bytes) -> str:
    return "\\x" + value.hex()


def find_version(
    transaction: Transaction, domain_id: int, object_type: str, unique_key: bytes, written_id: Id
) -> str | None:
    """The document of one version of an object, stored now or before; None when it is not kept."""
    row = transaction.row(
        """
        select document from profile_objects
        where domain_id = %s and object_type = %s and unique_key = %s and written_id = %s
        union all
        select document from former_objects
        where domain_id = %s and object_type = %s and unique_key = %s and written_id = %s
        limit 1
        """,
        [domain_id, object_type, unique_key, written_id] * 2,
    )
    if row is None:
        return None
    return _opened(transaction, domain_id, object_type, unique_key, row[0])


def find_version_of(
    transaction: Transaction, domain_id: int, object_type: str, unique_key: bytes, at: datetime
) -> str | None:
    """The document of an object that was ingested at a moment and is stored still."""
    row = transaction.row(
        """
        select document from profile_objects
        where domain_id = %s and object_type = %s and unique_key = %s and ingested_at = %s
        """,
        [domain_id, object_type, unique_key, at],
    )
    if row is None:
        return None
    return _opened(transaction, domain_id, object_type, unique_key, row[0])


def list_former(transaction: Transaction, domain_id: int, profile_ids: Sequence[Id]) -> list[Row]:
    """(object type, unique key, written id, document, when it went) of versions that profiles had,
    the oldest first.
    """
    rows = transaction.rows(
        """
        select object_type, unique_key, written_id, document, gone_at from former_objects
        where domain_id = %s and profile_id = any(%s::uuid[])
        order by gone_at, object_type, unique_key
        """,
        [domain_id, list(profile_ids)],
    )
    return [
        (kind, key, written_id, _opened(transaction, domain_id, kind, bytes(key), document), gone)
        for kind, key, written_id, document, gone in rows
    ]


def delete_former(
    transaction: Transaction,
    domain_id: int,
    profile_ids: Sequence[Id],
    objects: Sequence[tuple[str, bytes]],
) -> int:
    """Forget the versions that profiles had, and all of some objects (type, unique key); how many
    went.
    """
    rows = [{"t": object_type, "k": _bytea(key)} for object_type, key in objects]
    of_profiles = transaction.send(
        "delete from former_objects where domain_id = %s and profile_id = any(%s::uuid[])",
        [domain_id, list(profile_ids)],
    )
    of_objects = transaction.send(
        """
        delete from former_objects as former using (
            select %s::integer as domain_id, row.*
            from json_to_recordset(%s::json) as row (t text, k bytea) offset 0
        ) as gone
        where former.domain_id = gone.domain_id and former.object_type = gone.t
            and former.unique_key = gone.k
        """,
        [domain_id, msgspec.json.encode(rows).decode()],
    )
    return of_profiles.count + of_objects.count


def delete_former_of_type(transaction: Transaction, domain_id: int, object_type: str) -> None:
    """Forget all versions of the objects of a type."""
    transaction.send(
        "delete from former_objects where domain_id = %s and object_type = %s",
        [domain_id, object_type],
    )


def purge_former(transaction: Transaction, domain_id: int, before: datetime, *, limit: int) -> int:
    """Forget up to `limit` versions that went before a moment; how many."""
    return transaction.send(
        """
        delete from former_objects where domain_id = %s and ctid = any(array(
            select ctid from former_objects where domain_id = %s and gone_at < %s limit %s))
        """,
        [domain_id, domain_id, before, limit],
    ).count
