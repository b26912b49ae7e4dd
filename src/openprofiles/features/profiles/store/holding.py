"""Reads all that profiles hold: what a merge and its undo look at. For `lateral` see reading.py."""

from collections.abc import Sequence

from openprofiles.core.ids import Id
from openprofiles.features.profiles.store import sealing
from openprofiles.features.profiles.store.reading import OBJECT, PROFILE, RECORD
from openprofiles.storage.database import Pending, Transaction
from openprofiles.storage.encryption import cipher_of, opened


def send_profiles(transaction: Transaction, domain_id: int, profile_ids: Sequence[Id]) -> Pending:
    """Ask for profiles without locking them."""
    cipher = cipher_of(transaction, domain_id)
    pending = transaction.send(
        f"select {PROFILE} from profiles where domain_id = %s and profile_id = any(%s::uuid[])",
        [domain_id, list(profile_ids)],
    )
    return opened(pending, cipher, sealing.open_profile)


def send_objects_of(transaction: Transaction, domain_id: int, profile_id: Id) -> Pending:
    """Ask for all objects of a profile, without documents, the oldest first."""
    cipher = cipher_of(transaction, domain_id)
    pending = transaction.send(
        f"""
        select {OBJECT} from profile_objects where domain_id = %s and profile_id = %s
        order by written_id
        """,
        [domain_id, profile_id],
    )
    return opened(pending, cipher, sealing.open_object)


def send_records_of(transaction: Transaction, domain_id: int, profile_ids: Sequence[Id]) -> Pending:
    """Ask for all standard records of profiles."""
    cipher = cipher_of(transaction, domain_id)
    pending = transaction.send(
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
    return opened(pending, cipher, sealing.open_record)


def find_documents(
    transaction: Transaction, domain_id: int, keys: Sequence[tuple[str, bytes]]
) -> dict[tuple[str, str], str]:
    """The JSON texts of objects, by type and unique key in hex."""
    cipher = cipher_of(transaction, domain_id)
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
    if cipher is None:
        return {(object_type, key): document for object_type, key, document in rows}
    return {
        (object_type, key): cipher.open_text(
            document, sealing.place_of_object(object_type, bytes.fromhex(key))
        )
        for object_type, key, document in rows
    }
