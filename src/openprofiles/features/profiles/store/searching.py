"""The SQL of SearchProfiles: index scans in the order of profile ids, a page at a time."""

from collections.abc import Sequence
from typing import LiteralString

import msgspec

from openprofiles.core.ids import FIRST
from openprofiles.features.profiles.search import Page
from openprofiles.storage.database import Pending, Row, Transaction

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


_PAGE: LiteralString = """
    select found.profile_id, profiles.fields, found.positions
    from ({found}) as found
    join profiles on profiles.domain_id = %(domain)s and profiles.profile_id = found.profile_id
    order by found.profile_id
"""

# Nearly every search has one term; all that wait at the same time are one statement.
_SIMPLE: LiteralString = """
    select wanted.place, profiles.profile_id, profiles.fields
    from json_to_recordset(%(pages)s::json) as wanted (
        place integer, name text, value text, after uuid, size integer)
    cross join lateral (
        select distinct profile_id from profile_keys
        where domain_id = %(domain)s and key_name = wanted.name and value = wanted.value
            and profile_id > wanted.after
        order by profile_id limit wanted.size + 1
    ) as hit
    join profiles on profiles.domain_id = %(domain)s and profiles.profile_id = hit.profile_id
    order by wanted.place, profiles.profile_id
"""


def find_pages(transaction: Transaction, domain_id: int, pages: Sequence[Page]) -> list[list[Row]]:
    """For each page the next profiles that match, by id, one more than its size if there are.

    Rows are (profile id, fields, positions of the terms that matched).
    """
    simple = [place for place, page in enumerate(pages) if len(page.search.terms) == 1]
    found: list[list[Row]] = [[] for _ in pages]
    pending = {
        place: _send_page(transaction, domain_id, page)
        for place, page in enumerate(pages)
        if len(page.search.terms) > 1
    }
    for place, profile_id, fields in _find_simple(transaction, domain_id, pages, simple):
        found[place].append((profile_id, fields, [0]))
    for place, answer in pending.items():
        found[place] = answer.rows()
    return found


def _find_simple(
    transaction: Transaction, domain_id: int, pages: Sequence[Page], places: Sequence[int]
) -> list[Row]:
    # An AND whose other keys have no term left finds nothing.
    wanted = [
        {
            "place": place,
            "name": page.search.terms[0].key_name,
            "value": page.search.terms[0].value,
            "after": page.after or FIRST,
            "size": page.size,
        }
        for place in places
        if not (page := pages[place]).search.matches_all or page.search.groups == 1
    ]
    if not wanted:
        return []
    encoded = msgspec.json.encode(wanted).decode()
    return transaction.rows(_SIMPLE, {"domain": domain_id, "pages": encoded})


def _send_page(transaction: Transaction, domain_id: int, page: Page) -> Pending:
    search, terms = page.search, page.search.terms
    return transaction.send(
        _PAGE.format(found=_ALL if search.matches_all else _ANY),
        {
            "domain": domain_id,
            "positions": list(range(len(terms))),
            "groups": [term.group for term in terms],
            "names": [term.key_name for term in terms],
            "values": [term.value for term in terms],
            "after": page.after or FIRST,
            "last_group": search.groups - 1,
            "limit": page.size + 1,
        },
    )
