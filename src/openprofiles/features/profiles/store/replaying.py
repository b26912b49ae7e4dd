"""Reads stored objects of a type with their documents, to map them once more."""

from openprofiles.core.ids import Id
from openprofiles.features.profiles.profile_object import Origin
from openprofiles.features.profiles.store.sealing import place_of_object
from openprofiles.storage.database import Transaction
from openprofiles.storage.encryption import cipher_of


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
    cipher = cipher_of(transaction, domain_id)
    rows = transaction.rows(
        """
        select document, unique_key, written_id, ingested_at, expires_at from profile_objects
        where domain_id = %s and object_type = %s and unique_key > %s and written_id < %s
        order by unique_key limit %s
        """,
        [domain_id, object_type, after, written_before, limit],
    )
    stored = [(document, Origin(bytes(key), *rest)) for document, key, *rest in rows]
    if cipher is None:
        return stored
    return [
        (cipher.open_text(document, place_of_object(object_type, origin.unique_key)), origin)
        for document, origin in stored
    ]


def count_stored(transaction: Transaction, domain_id: int, object_type: str) -> int:
    """How many objects of a type there are."""
    [(count,)] = transaction.rows(
        "select count(*) from profile_objects where domain_id = %s and object_type = %s",
        [domain_id, object_type],
    )
    return int(count)


def count_by_type(transaction: Transaction, domain_id: int, *, most: int) -> list[tuple[str, int]]:
    """The types that have objects, by name, each with how many, counted up to `most`.

    From one type to the next by the primary key: a type with millions of objects costs no more
    than what is counted of it.
    """
    rows = transaction.rows(
        """
        with recursive types as (
            (
                select object_type from profile_objects where domain_id = %(domain)s
                order by object_type limit 1
            )
            union all
            select (
                select object_type from profile_objects
                where domain_id = %(domain)s and object_type > types.object_type
                order by object_type limit 1
            ) from types where types.object_type is not null
        )
        select object_type, (
            select count(*) from (
                select from profile_objects
                where domain_id = %(domain)s and object_type = types.object_type limit %(most)s
            ) as counted
        ) from types where object_type is not null
        """,
        {"domain": domain_id, "most": most},
    )
    return [(name, count) for name, count in rows]
