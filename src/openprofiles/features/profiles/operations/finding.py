"""FindProfiles and ListRecentProfiles, beyond the AWS API: for people who look for somebody."""

from collections.abc import Sequence
from typing import Annotated, Any, NotRequired, TypedDict

from msgspec import Meta

from openprofiles.core.ids import Id
from openprofiles.core.operation import Answer, Route, operation
from openprofiles.core.shapes import DomainName
from openprofiles.features import domains, object_types
from openprofiles.features.context import Context
from openprofiles.features.profiles import profile, store
from openprofiles.features.profiles.finding import Guess, guess
from openprofiles.features.profiles.search import Search
from openprofiles.storage import journal
from openprofiles.storage.database import Row, Transaction
from openprofiles.storage.encryption import cipher_of

_DEFAULT_SIZE = 20
_ENTRIES = 500
"""Entries of the journal that are looked through for profiles: those of a large import are all of
others, those of a large profile all of one.
"""

FewResults = Annotated[int, Meta(ge=1, le=50)]

_WHOLE, _BEGINNING = "WHOLE", "BEGINNING"
_FULL_NAME = "_fullName"
_NAMES = ("LastName", "BusinessName")


class FindProfilesRequest(TypedDict):
    """What somebody typed."""

    DomainName: DomainName
    Text: Annotated[str, Meta(min_length=1, max_length=255)]
    MaxResults: NotRequired[FewResults]


class ListRecentProfilesRequest(TypedDict):
    """The last profiles of a domain."""

    DomainName: DomainName
    MaxResults: NotRequired[FewResults]


@operation(
    "FindProfiles",
    reads_only=True,
    route=Route("POST", "/domains/{DomainName}/profiles/find", FindProfilesRequest),
)
def find_profiles(context: Context, request: FindProfilesRequest) -> Answer:
    """Profiles that a text leads to: by a value of any key, whole or its beginning, or the
    beginning of a last or business name; whole values first, each with what it was found by.

    In a domain with a key only whole values are found: `FindsBeginnings` says so.
    """
    domain = domains.require(context, request["DomainName"])
    transaction, size = context.transaction, request.get("MaxResults", _DEFAULT_SIZE)
    wanted = guess(request["Text"], object_types.list_keys(context, domain))
    is_clear = cipher_of(transaction, domain.id) is None
    found: dict[Id, list[dict[str, str]]] = {}
    _add_whole(transaction, domain.id, wanted, found, size + 1)
    if is_clear:
        _add_beginnings(transaction, domain.id, wanted, found, size + 1)
    shown = list(found)[:size]
    fields = store.find_fields(transaction, domain.id, shown)
    return {
        "Items": [
            {"Profile": profile.as_response(id, fields[id]), "FoundBy": found[id]}
            for id in shown
            if id in fields
        ],
        "HasMore": len(found) > size,
        "FindsBeginnings": is_clear,
    }


def _add_whole(
    transaction: Transaction,
    domain_id: int,
    wanted: Guess,
    found: dict[Id, list[dict[str, str]]],
    limit: int,
) -> None:
    search = Search(wanted.terms, 1, matches_all=False)
    rows = store.find_page(transaction, domain_id, search, after=None, limit=limit)
    for profile_id, _, positions in rows:
        for position in sorted(positions):
            term = wanted.terms[position]
            _add(found, profile_id, term.key_name, term.value, _WHOLE)


def _add_beginnings(
    transaction: Transaction,
    domain_id: int,
    wanted: Guess,
    found: dict[Id, list[dict[str, str]]],
    limit: int,
) -> None:
    businesses = store.send_businesses(transaction, domain_id, wanted.business_names, limit=limit)
    names = store.send_names(transaction, domain_id, wanted.names, limit=limit)
    ranges = store.send_ranges(transaction, domain_id, wanted.ranges, limit=limit)
    by_key = ranges.rows()
    full_names = [row for row in by_key if row[1] == _FULL_NAME]
    rows: Sequence[Row] = [*full_names, *names.rows(), *businesses.rows(), *by_key]
    for profile_id, name, value in rows:
        _add(found, profile_id, name, value, _BEGINNING)


def _add(
    found: dict[Id, list[dict[str, str]]], profile_id: Id, name: str, value: str, match: str
) -> None:
    """Note what a profile was found by, once for each key or field: the whole value came first."""
    reasons = found.setdefault(profile_id, [])
    kind = "FieldName" if name in _NAMES else "KeyName"
    if not any(reason.get(kind) == name for reason in reasons):
        reasons.append({kind: name, "Value": value, "Match": match})


@operation(
    "ListRecentProfiles",
    reads_only=True,
    route=Route("GET", "/domains/{DomainName}/profiles/recent", ListRecentProfilesRequest),
)
def list_recent_profiles(context: Context, request: ListRecentProfilesRequest) -> Answer:
    """The profiles that were made or changed last, the last first, with what was done to each."""
    domain = domains.require(context, request["DomainName"])
    size = request.get("MaxResults", _DEFAULT_SIZE)
    latest: dict[Id, journal.Heading] = {}
    for heading in journal.list_latest(context.transaction, domain.id, limit=_ENTRIES):
        latest.setdefault(heading.profile_id, heading)
    fields = store.find_fields(context.transaction, domain.id, list(latest))
    shown = [heading for id, heading in latest.items() if id in fields][:size]
    return {"Items": [_recent(heading, fields[heading.profile_id]) for heading in shown]}


def _recent(heading: journal.Heading, fields: profile.Fields) -> dict[str, Any]:
    told = {
        "Profile": profile.as_response(heading.profile_id, fields),
        "ChangedAt": heading.at,
        "Change": heading.kind,
    }
    if heading.kind.startswith("object."):
        told["ObjectTypeName"] = (heading.subject or "").partition("/")[0]
    return told


OPERATIONS = (find_profiles, list_recent_profiles)
