"""A sample of a domain's profiles: each has the same chance, whatever its id (ADR 0039)."""

from typing import Any

from openprofiles.core.ids import Id
from openprofiles.features.profiles.profile import Fields
from openprofiles.features.profiles.store import sealing
from openprofiles.storage.database import Transaction
from openprofiles.storage.encryption import cipher_of, opened


def sample_fields(
    transaction: Transaction, domain_id: int, *, one_in: int, limit: int
) -> list[tuple[Id, Fields]]:
    """One in so many of the profiles of a domain, a power of two, `limit` at most: the same ones
    whenever it is asked.

    Ids are ordered by time, so a range of them is a time, and what came in at that time. Of a hash
    of the id that is not so; the index has the ids, so of the others no row is read.
    """
    cipher = cipher_of(transaction, domain_id)
    pending = transaction.send(
        """
        with picked as materialized (
            select profile_id from profiles
            where domain_id = %(domain)s and uuid_hash(profile_id) & %(mask)s = 0 limit %(limit)s
        )
        select profile.profile_id, profile.fields
        from picked join profiles as profile
            on profile.domain_id = %(domain)s and profile.profile_id = picked.profile_id
        """,
        {"domain": domain_id, "mask": one_in - 1, "limit": limit},
    )
    rows: list[Any] = opened(pending, cipher, sealing.open_fields).rows()
    return rows
