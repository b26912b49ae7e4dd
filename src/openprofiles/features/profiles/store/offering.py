"""Reads profiles for rooms above: many of them as CSV, and whether some are there."""

from collections.abc import Iterable, Iterator, Sequence

from openprofiles.core.ids import Id
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
