"""Reads profiles for rooms above: many of them as CSV, some of them whole, and which are there."""

from collections.abc import Iterable, Iterator, Sequence

from openprofiles.core.ids import Id
from openprofiles.features.profiles.profile import Profile
from openprofiles.features.profiles.store.reading import (
    PROFILE,
    as_profile,
    send_profiles_for_update,
)
from openprofiles.storage import copying
from openprofiles.storage.database import Transaction


def copy_fields(
    transaction: Transaction, domain_id: int, paths: Sequence[str], *, after: Id, limit: int
) -> Iterator[bytes]:
    """CSV lines of up to `limit` profiles by id, those after `after`: the id, then the text of
    each path, blank without quotes where there is none. In a bulk transaction only.
    """
    columns = ", ".join(f'"{path}" text' for path in paths)
    names = ", ".join(f'value."{path}"' for path in paths)
    return copying.copy_out(
        transaction,
        f"""
        select replace(profile_id::text, '-', ''), {names}
        from profiles cross join lateral jsonb_to_record(fields) as value ({columns})
        where domain_id = %s and profile_id > %s::uuid order by profile_id limit %s
        """,
        [domain_id, after, limit],
    )


def find_existing(transaction: Transaction, domain_id: int, profile_ids: Iterable[Id]) -> set[Id]:
    """Those of the profiles that exist."""
    rows = transaction.rows(
        """
        select profile.profile_id from (
            select %s::integer as domain, id from unnest(%s::uuid[]) as id offset 0
        ) as wanted cross join lateral (
            select profile_id from profiles
            where domain_id = wanted.domain and profile_id = wanted.id limit 1
        ) as profile
        """,
        [domain_id, list(profile_ids)],
    )
    return {row[0] for row in rows}


def read_profiles(
    transaction: Transaction, domain_id: int, profile_ids: Iterable[Id]
) -> dict[Id, Profile]:
    """Those of the profiles that exist, as they are."""
    rows = transaction.rows(
        f"select {PROFILE} from profiles where domain_id = %s and profile_id = any(%s::uuid[])",
        [domain_id, list(profile_ids)],
    )
    return {profile.id: profile for profile in map(as_profile, rows)}


def lock_profiles(
    transaction: Transaction, domain_id: int, profile_ids: Iterable[Id]
) -> dict[Id, Profile]:
    """Those of the profiles that exist, which nobody else changes until this transaction ends.

    A transaction that merges some of them locks all of them first.
    """
    rows = send_profiles_for_update(transaction, domain_id, profile_ids).rows()
    return {profile.id: profile for profile in map(as_profile, rows)}


def find_standing(
    transaction: Transaction, domain_id: int, profile_ids: Iterable[Id]
) -> dict[Id, Id]:
    """Which profile each id stands for: itself, or the one that it was merged into; those that are
    gone are left out.
    """
    rows = transaction.rows(
        """
        select wanted.id, held.profile_id from (
            select %s::integer as domain, replace(id::text, '-', '') as id
            from unnest(%s::uuid[]) as id offset 0
        ) as wanted cross join lateral (
            select profile_id from profile_keys
            where domain_id = wanted.domain and key_name = '_profileId' and value = wanted.id
            limit 1
        ) as held
        """,
        [domain_id, list(profile_ids)],
    )
    return dict(rows)
