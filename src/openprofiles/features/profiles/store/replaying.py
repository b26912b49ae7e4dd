"""Reads stored objects of a type with their documents, to map them once more."""

from openprofiles.core.ids import Id
from openprofiles.features.profiles.profile_object import Origin
from openprofiles.storage.database import Transaction


def list_stored(
    transaction: Transaction,
    domain_id: int,
    object_type: str,
    *,
    after: bytes,
    written_before: Id,
    limit: int,
) -> list[tuple[str, Origin]]:
    """Documents of a type by unique key, those after `after` that were written before an id was
    made, each with where it comes from.
    """
    rows = transaction.rows(
        """
        select document, unique_key, written_id, ingested_at, expires_at from profile_objects
        where domain_id = %s and object_type = %s and unique_key > %s and written_id < %s
        order by unique_key limit %s
        """,
        [domain_id, object_type, after, written_before, limit],
    )
    return [(document, Origin(bytes(key), *rest)) for document, key, *rest in rows]


def count_stored(transaction: Transaction, domain_id: int, object_type: str) -> int:
    """How many objects of a type there are."""
    [(count,)] = transaction.rows(
        "select count(*) from profile_objects where domain_id = %s and object_type = %s",
        [domain_id, object_type],
    )
    return int(count)
