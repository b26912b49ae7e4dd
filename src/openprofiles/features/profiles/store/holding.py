"""Reads all that profiles hold: what a merge and its undo look at. For `lateral` see reading.py."""

from collections.abc import Sequence

from openprofiles.core.ids import Id
from openprofiles.features.profiles.store.reading import OBJECT, PROFILE, RECORD
from openprofiles.storage.database import Pending, Transaction


def send_profiles(transaction: Transaction, domain_id: int, profile_ids: Sequence[Id]) -> Pending:
    """Ask for profiles without locking them."""
    return transaction.send(
        f"select {PROFILE} from profiles where domain_id = %s and profile_id = any(%s::uuid[])",
        [domain_id, list(profile_ids)],
    )


def send_objects_of(transaction: Transaction, domain_id: int, profile_id: Id) -> Pending:
    """Ask for all objects of a profile, without documents, the oldest first."""
    return transaction.send(
        f"""
        select {OBJECT} from profile_objects where domain_id = %s and profile_id = %s
        order by written_id
        """,
        [domain_id, profile_id],
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


def find_documents(
    transaction: Transaction, domain_id: int, keys: Sequence[tuple[str, bytes]]
) -> dict[tuple[str, str], str]:
    """The JSON texts of objects, by type and unique key in hex."""
    rows = transaction.rows(
        """
        select item.object_type, encode(item.unique_key, 'hex'), item.document
        from (
            select %s::integer as domain, type, key
            from unnest(%s::text[], %s::bytea[]) as wanted (type, key) offset 0
        ) as wanted cross join lateral (
            select object_type, unique_key, document from profile_objects
            where domain_id = wanted.domain and object_type = wanted.type
                and unique_key = wanted.key limit 1
        ) as item
        """,
        [domain_id, [object_type for object_type, _ in keys], [key for _, key in keys]],
    )
    return {(object_type, key): document for object_type, key, document in rows}
