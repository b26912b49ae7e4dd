"""Locks profiles and reads them, as all who write them begin."""

from collections.abc import Iterable

from openprofiles.core.ids import Id
from openprofiles.features.profiles.store import sealing, turning
from openprofiles.features.profiles.store.reading import PROFILE
from openprofiles.storage.database import Pending, Transaction
from openprofiles.storage.encryption import cipher_of, opened


def turn_if_turning(transaction: Transaction, domain_id: int, profile_ids: Iterable[Id]) -> None:
    """Have profiles turned that the caller keeps others from writing by owning their domain."""
    cipher = cipher_of(transaction, domain_id)
    if cipher is not None and cipher.state.is_turning:
        turning.turn(transaction, domain_id, cipher, profile_ids)


def send_profiles_for_update(
    transaction: Transaction, domain_id: int, profile_ids: Iterable[Id]
) -> Pending:
    """Ask for profiles and lock them, in the order that all writers lock in.

    In a domain that is turning they are turned at once: who writes a profile finds all of it in
    the form that it writes.
    """
    cipher = cipher_of(transaction, domain_id)
    wanted = sorted(profile_ids)
    pending = transaction.send(
        f"""
        select profile.* from (
            select %s::integer as domain, id from unnest(%s::uuid[]) as id offset 0
        ) as wanted cross join lateral (
            select {PROFILE} from profiles
            where domain_id = wanted.domain and profile_id = wanted.id limit 1 for update
        ) as profile
        """,
        [domain_id, wanted],
    )
    turn_if_turning(transaction, domain_id, wanted)
    return opened(pending, cipher, sealing.open_profile)
