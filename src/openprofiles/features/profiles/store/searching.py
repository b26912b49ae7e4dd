"""The SQL of SearchProfiles: index scans in the order of profile ids, a page at a time."""

from typing import LiteralString

from openprofiles.core.ids import FIRST, Id
from openprofiles.features.profiles.search import Search, Term
from openprofiles.features.profiles.store import sealing
from openprofiles.storage.database import Row, Transaction
from openprofiles.storage.encryption import cipher_of, found_now, know, recall

_FIRST_TERM = (0,)

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


# With how the domain seals by now, also when nobody matches: one row at least.
_PAGE: LiteralString = """
    select page.profile_id, page.fields, page.positions, domains.encryption
    from domains left join (
        select found.profile_id, profiles.fields, found.positions
        from ({found}) as found
        join profiles on profiles.domain_id = %(domain)s and profiles.profile_id = found.profile_id
    ) as page on true
    where domains.domain_id = %(domain)s
    order by page.profile_id
"""

# Nearly every search is a plain one, so it finds its domain in the same round trip: a row for the
# domain at least, with nothing in it when no profile holds the key.
_PLAIN: LiteralString = """
    select domains.domain_id, profiles.profile_id, profiles.fields, domains.encryption
    from domains
    left join lateral (
        select distinct profile_id from profile_keys
        where domain_id = domains.domain_id and key_name = %(name)s and value = %(value)s
        order by profile_id limit %(limit)s
    ) as hit on true
    left join profiles
        on profiles.domain_id = domains.domain_id and profiles.profile_id = hit.profile_id
    where domains.account_id = %(account)s and domains.name = %(domain)s
    order by profiles.profile_id
"""


def find_plain(
    transaction: Transaction, account_id: str, domain_name: str, term: Term, *, limit: int
) -> tuple[int, list[Row]] | None:
    """The domain's id and, as `find_page`, the first profiles that match; None without a domain,
    and when its values are sealed in another way than this process knew.
    """
    cipher = recall(transaction, account_id, domain_name, term.key_name)
    value = term.value if cipher is None else cipher.token(term.key_name, term.value)
    rows = transaction.rows(
        _PLAIN,
        {
            "account": account_id,
            "domain": domain_name,
            "name": term.key_name,
            "value": value,
            "limit": limit,
        },
    )
    if not rows:
        return None
    domain_id, _, _, stored = rows[0]
    found = [(profile_id, fields, _FIRST_TERM) for _, profile_id, fields, _ in rows if profile_id]
    if cipher is None and stored is None:
        return domain_id, found
    known = know(transaction, domain_id, account_id, domain_name, stored)
    if known is None or cipher is None or known.state != cipher.state or known.state.is_turning:
        return None
    return domain_id, [sealing.open_fields(cipher, row) for row in found]


def find_page(
    transaction: Transaction, domain_id: int, search: Search, *, after: Id | None, limit: int
) -> list[Row]:
    """Up to `limit` profiles that match, by id, those after `after`.

    Rows are (profile id, fields, positions of the terms that matched).
    """
    cipher = cipher_of(transaction, domain_id)
    wanted = [
        (place, term, form)
        for place, term in enumerate(search.terms)
        for form in ([term.value] if cipher is None else cipher.forms(term.key_name, term.value))
    ]
    rows = transaction.rows(
        _PAGE.format(found=_ALL if search.matches_all else _ANY),
        {
            "domain": domain_id,
            "positions": [place for place, _, _ in wanted],
            "groups": [term.group for _, term, _ in wanted],
            "names": [term.key_name for _, term, _ in wanted],
            "values": [form for _, _, form in wanted],
            "after": after or FIRST,
            "last_group": search.groups - 1,
            "limit": limit,
        },
    )
    found = found_now(transaction, domain_id, rows)
    return found if cipher is None else [sealing.open_fields(cipher, row) for row in found]
