"""The SQL of SearchProfiles: index scans in the order of profile ids, a page at a time."""

from collections.abc import Sequence
from typing import LiteralString

from openprofiles.core.ids import FIRST, Id
from openprofiles.features.profiles.search import Search
from openprofiles.storage.database import Row, Transaction

_ANY: LiteralString = """
    select hit.profile_id, array_agg(distinct wanted.position) as positions
    from unnest(%(positions)s::smallint[], %(groups)s::smallint[], %(names)s::text[],
    %(values)s::text[])
        as wanted (position, member, name, value)
    cross join lateral (
        select distinct profile_id from profile_keys
        where domain_id = %(domain)s and key_name = wanted.name and value = wanted.value
            and profile_id > %(after)s
        order by profile_id limit %(limit)s
    ) as hit
    group by hit.profile_id order by hit.profile_id limit %(limit)s
"""

# Each profile of the first key, with every other key looked up on it: never more than the first
# key's holders are read.
_ALL: LiteralString = """
    with wanted as (
        select * from unnest(%(positions)s::smallint[], %(groups)s::smallint[], %(names)s::text[],
        %(values)s::text[])
            as wanted (position, member, name, value)
    ), hit as (
        select distinct first.profile_id
        from wanted join profile_keys as first
            on first.domain_id = %(domain)s and first.key_name = wanted.name
                and first.value = wanted.value
        where wanted.member = 0 and first.profile_id > %(after)s
            and not exists (
                select from generate_series(1, %(last_group)s) as other
                where not exists (
                    select from wanted as also join profile_keys as second
                        on second.domain_id = %(domain)s and second.key_name = also.name
                            and second.value = also.value and second.profile_id = first.profile_id
                    where also.member = other
                )
            )
        order by first.profile_id limit %(limit)s
    )
    select hit.profile_id, array_agg(distinct wanted.position) as positions
    from hit cross join wanted
    where exists (
        select from profile_keys as held
        where held.domain_id = %(domain)s and held.key_name = wanted.name
            and held.value = wanted.value and held.profile_id = hit.profile_id
    )
    group by hit.profile_id
"""


def find_page(
    transaction: Transaction, domain_id: int, search: Search, *, after: Id | None, limit: int
) -> list[Row]:
    """The next profiles that match, by id: (profile id, fields, positions of the terms that
    matched).
    """
    terms = search.terms
    positions: Sequence[int] = range(len(terms))
    return transaction.rows(
        f"""
        select found.profile_id, profiles.fields, found.positions
        from ({_ALL if search.matches_all else _ANY}) as found
        join profiles on profiles.domain_id = %(domain)s and profiles.profile_id = found.profile_id
        order by found.profile_id
        """,
        {
            "domain": domain_id,
            "positions": list(positions),
            "groups": [term.group for term in terms],
            "names": [term.key_name for term in terms],
            "values": [term.value for term in terms],
            "after": after or FIRST,
            "last_group": search.groups - 1,
            "limit": limit,
        },
    )
