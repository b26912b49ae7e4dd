"""Reads profiles for rooms above: many of them as CSV, some of them whole, and which are there."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

from openprofiles.core.ids import Id
from openprofiles.features.profiles.profile import Profile
from openprofiles.features.profiles.store import sealing
from openprofiles.features.profiles.store.holding import send_profiles
from openprofiles.features.profiles.store.locking import send_profiles_for_update
from openprofiles.features.profiles.store.reading import as_profile
from openprofiles.storage import copying
from openprofiles.storage.database import Transaction
from openprofiles.storage.encryption import Cipher, cipher_of

OPENED_AT_ONCE = 5000
"""Profiles in memory while they are opened."""


def copy_fields(
    transaction: Transaction, domain_id: int, paths: Sequence[str], *, after: Id, limit: int
) -> Iterator[bytes]:
    """CSV lines of up to `limit` profiles by id, those after `after`: the id, then the text of
    each path, blank without quotes where there is none. In a bulk transaction only.
    """
    cipher = cipher_of(transaction, domain_id)
    if cipher is not None:
        return _opened_lines(transaction, domain_id, cipher, paths, after=after, limit=limit)
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


def _opened_lines(
    transaction: Transaction,
    domain_id: int,
    cipher: Cipher,
    paths: Sequence[str],
    *,
    after: Id,
    limit: int,
) -> Iterator[bytes]:
    """The same of a domain that has a key, which only we can open."""
    while limit:
        rows = transaction.rows(
            """
            select profile_id, fields from profiles
            where domain_id = %s and profile_id > %s::uuid order by profile_id limit %s
            """,
            [domain_id, after, min(limit, OPENED_AT_ONCE)],
        )
        text = StringIO()
        # Empty texts are no values to the engine either.
        csv.writer(text, lineterminator="\n").writerows(
            (profile_id, *map(fields.get, paths))
            for profile_id, fields in (sealing.open_fields(cipher, row) for row in rows)
        )
        yield text.getvalue().encode()
        if len(rows) < OPENED_AT_ONCE:
            return
        after, limit = rows[-1][0], limit - len(rows)


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
    rows = send_profiles(transaction, domain_id, list(profile_ids)).rows()
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
