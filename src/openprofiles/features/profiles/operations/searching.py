"""SearchProfiles (core reference §7)."""

from collections.abc import Sequence
from typing import Any

from openprofiles.core import paging
from openprofiles.core.errors import BadRequest
from openprofiles.core.operation import Answer, Call, Parameters, operation
from openprofiles.features import domains
from openprofiles.features.context import Context
from openprofiles.features.profiles import profile, store
from openprofiles.features.profiles.search import Page, read_page

_DEFAULT_SIZE = 20


def _domain_of(parameters: Parameters) -> str:
    """Searches of one domain may share a round trip."""
    name: str = parameters["DomainName"]
    return name


@operation("SearchProfiles", reads_only=True, group=_domain_of)
def search_profiles(context: Context, calls: Sequence[Call]) -> list[Answer | BadRequest]:
    """Profiles that hold the keys asked for, by id, with the keys that each was found by."""
    domain = domains.require(context, _domain_of(calls[0].parameters))
    answers: dict[int, Answer | BadRequest] = {}
    pages: dict[int, Page] = {}
    for place, call in enumerate(calls):
        size = call.parameters.get("MaxResults", _DEFAULT_SIZE)
        try:
            pages[place] = read_page(context, domain, call.parameters, size=size)
        except BadRequest as problem:
            answers[place] = problem
    found = store.find_pages(context.transaction, domain.id, list(pages.values()))
    for (place, page), rows in zip(pages.items(), found, strict=True):
        answers[place] = _answer(context, page, rows)
    return [answers[place] for place in range(len(calls))]


def _answer(context: Context, page: Page, rows: Sequence[Sequence[Any]]) -> Answer:
    """One page of a search; `rows` hold one profile more if there is another page."""
    token = None
    if len(rows) > page.size:
        token = paging.encode(page.scope, rows[page.size - 1][0], context.now)
    items = [
        {**profile.as_response(profile_id, fields), "FoundByItems": page.search.found_by(positions)}
        for profile_id, fields, positions in rows[: page.size]
    ]
    return {"Items": items, "NextToken": token}


OPERATIONS = (search_profiles,)
