"""SearchProfiles (core reference §7)."""

from collections.abc import Sequence
from typing import Any

from openprofiles.core import paging
from openprofiles.core.operation import Answer, Parameters, operation
from openprofiles.features import domains
from openprofiles.features.context import Context
from openprofiles.features.profiles import profile, store
from openprofiles.features.profiles.search import Search, read_plain, read_search

_DEFAULT_SIZE = 20


@operation("SearchProfiles", reads_only=True)
def search_profiles(context: Context, request: Parameters) -> Answer:
    """Profiles that hold the keys asked for, by id, with the keys that each was found by."""
    transaction, domain_name = context.transaction, request["DomainName"]
    size = request.get("MaxResults", _DEFAULT_SIZE)
    search = read_plain(request)
    if search is not None:
        found = store.find_plain(
            transaction, context.caller.account_id, domain_name, search.terms[0], limit=size + 1
        )
        if found is not None:
            domain_id, rows = found
            return _answer(context, search, domain_id, rows, size)
    domain = domains.require(context, domain_name)
    search = read_search(context, domain, request)
    after = paging.decode_id(search.scope(domain.id), request.get("NextToken"), context.now)
    rows = store.find_page(transaction, domain.id, search, after=after, limit=size + 1)
    return _answer(context, search, domain.id, rows, size)


def _answer(
    context: Context, search: Search, domain_id: int, rows: Sequence[Sequence[Any]], size: int
) -> Answer:
    """One page of a search; `rows` hold one profile more if there is another page."""
    token = None
    if len(rows) > size:
        token = paging.encode(search.scope(domain_id), rows[size - 1][0], context.now)
    items = [
        {**profile.as_response(profile_id, fields), "FoundByItems": search.found_by(positions)}
        for profile_id, fields, positions in rows[:size]
    ]
    return {"Items": items, "NextToken": token}


OPERATIONS = (search_profiles,)
