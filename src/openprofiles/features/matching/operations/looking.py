"""Operations on what the last run found: matches, similar profiles, why two of them match."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from openprofiles.core import paging
from openprofiles.core.errors import BadRequest, ResourceNotFound
from openprofiles.core.ids import Id
from openprofiles.core.operation import Answer, Operation, Route, operation
from openprofiles.core.shapes import DomainName, ProfileId
from openprofiles.features import domains, profiles, rules
from openprofiles.features.context import Context
from openprofiles.features.matching.cursor import is_id, match_id, read_match_id
from openprofiles.features.matching.store import matches

if TYPE_CHECKING:
    from types_boto3_customer_profiles.type_defs import (
        GetMatchesRequestTypeDef,
        GetSimilarProfilesRequestTypeDef,
    )

DEFAULT_PAGE = 100
LONGEST_NUMBER = 9
SEARCH_KEYS = {
    "matchid": "match",
    "_matchid": "match",
    "profileid": "profile",
    "_profileid": "profile",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """A match group of either kind; one that no run has found yet has no id."""

    match_id: str | None
    profile_ids: tuple[Id, ...]
    confidence: float | None = None
    level: int | None = None


class ExplainPairRequest(TypedDict):
    """Two profiles of a domain."""

    DomainName: DomainName
    ProfileId: ProfileId
    OtherProfileId: ProfileId


@operation("GetMatches", reads_only=True)
def get_matches(context: Context, request: "GetMatchesRequestTypeDef") -> Answer:
    """The match groups of the last run, the surest first; none when none has run."""
    name, transaction = request["DomainName"], context.transaction
    domain = domains.require(context, name)
    result = matches.find_result(transaction, domain.id, now=context.now)
    scope = ("GetMatches", context.caller.account_id, name)
    cursor = paging.decode(scope, request.get("NextToken"), context.now)
    if result is None:
        return {"PotentialMatches": 0, "Matches": []}
    size = request.get("MaxResults") or DEFAULT_PAGE

    after, total = _read_cursor(cursor, result.job_id)
    if total is None:
        total = matches.count_groups(transaction, domain.id, result.job_id)
    found = matches.list_groups(transaction, domain.id, result.job_id, after=after, limit=size + 1)
    page = found[:size]
    more = len(found) > size
    following = f"{match_id(result.job_id, page[-1].number)} {total}" if more else ""
    return {
        "MatchGenerationDate": result.made_at,
        "PotentialMatches": total,
        "Matches": [
            {
                "MatchId": match_id(result.job_id, group.number),
                "ProfileIds": list(group.profile_ids),
                "ConfidenceScore": group.confidence,
            }
            for group in page
        ],
        "NextToken": paging.encode(scope, following, context.now) if more else None,
    }


@operation("GetSimilarProfiles", reads_only=True)
def get_similar_profiles(context: Context, request: "GetSimilarProfilesRequestTypeDef") -> Answer:
    """The profiles of the match group of a profile, or of a match, page by page.

    BadRequest for another SearchKey; ResourceNotFound for a profile or a match that does not exist.
    """
    domain = domains.require(context, request["DomainName"])
    kind = SEARCH_KEYS.get(request["SearchKey"].lower())
    if kind is None:
        raise BadRequest("SearchKey must be matchId or profileId")
    scope = (
        *("GetSimilarProfiles", context.caller.account_id, domain.name),
        *(request["MatchType"], kind, request["SearchValue"]),
    )
    after = paging.decode_id(scope, request.get("NextToken"), context.now) or ""
    find = _find_by_rules if request["MatchType"] == "RULE_BASED_MATCHING" else _find_by_model
    if kind == "profile":
        _require_profile(context, domain, request["SearchValue"])
    group = find(context, domain, kind, request["SearchValue"])
    if group is None and kind == "match":
        raise ResourceNotFound("There is no such match")
    if group is None:
        return {"ProfileIds": [], "MatchType": request["MatchType"]}
    size = request.get("MaxResults") or DEFAULT_PAGE
    found = [profile_id for profile_id in group.profile_ids if profile_id > after]
    page, token = paging.cut(scope, found, size, context.now, cursor_of=str)
    return {
        "ProfileIds": page,
        "MatchId": group.match_id,
        "MatchType": request["MatchType"],
        "RuleLevel": group.level,
        "ConfidenceScore": group.confidence,
        "NextToken": token,
    }


@operation(
    "ExplainPair",
    reads_only=True,
    route=Route("GET", "/domains/{DomainName}/matches/explanation", ExplainPairRequest),
)
def explain_pair(context: Context, request: ExplainPairRequest) -> Answer:
    """Why two profiles match or do not: score, and the weight of each attribute, as the last run's
    model has it.

    ResourceNotFound when one of them does not exist, BadRequest before the first run.
    """
    # Imported here: the engine takes half a second, and nobody else needs it to answer.
    from openprofiles import resolution
    from openprofiles.features.matching import explaining, records, values
    from openprofiles.features.matching.online import looking_up

    domain = domains.require(context, request["DomainName"])
    result = matches.find_result(context.transaction, domain.id, now=context.now)
    model = explaining.find_model(context.transaction, domain.id, result)
    if result is None or model is None:
        raise BadRequest("Nothing is known of this domain yet: run an identity-resolution job")
    ids = [request["ProfileId"], request["OtherProfileId"]]
    fields = profiles.read_fields(context, domain, ids)
    for profile_id in ids:
        if profile_id not in fields:
            raise ResourceNotFound(f"Profile {profile_id} does not exist")
    pair = [records.features_of(fields[profile_id]) for profile_id in ids]
    holders = [*pair, *looking_up.find_holders(context, domain.id, pair)]
    known = values.known_of(context.transaction, domain.id, result, pair)
    known = known.with_holders(pair, holders)
    one, other = (resolution.judged(record, known) for record in pair)
    return explaining.explain(model, one, other)


def _read_cursor(cursor: str | None, job_id: Id) -> tuple[int, int | None]:
    """The last group of the page before, and how many there are: counted once, for the first page.

    BadRequest when it is another run's.
    """
    if cursor is None:
        return -1, None
    last, _, total = cursor.partition(" ")
    read = read_match_id(last)
    if read is None or not total.isdecimal() or len(total) > LONGEST_NUMBER:
        raise BadRequest(paging.BROKEN)
    if read[0] != job_id:
        raise BadRequest("NextToken belongs to an earlier result: a job has run meanwhile")
    return read[1], int(total)


def _find_by_model(
    context: Context, domain: domains.Domain, kind: str, value: str
) -> _Group | None:
    """The group of a profile, or the group that is called so, in the last result."""
    transaction = context.transaction
    result = matches.find_result(transaction, domain.id, now=context.now)
    if result is None:
        return None
    if kind == "profile":
        group = matches.find_group_of(transaction, domain.id, result.job_id, value)
        if group is None and domain.matching["Enabled"]:
            return _find_now(context, domain, result, value)
    else:
        read = read_match_id(value)
        if read is None or read[0] != result.job_id:
            return None
        group = matches.find_group(transaction, domain.id, result.job_id, read[1])
    if group is None:
        return None
    return _Group(
        match_id=match_id(result.job_id, group.number),
        profile_ids=group.profile_ids,
        confidence=group.confidence,
    )


def _find_now(
    context: Context, domain: domains.Domain, result: matches.Result, profile_id: Id
) -> _Group | None:
    """Whom a profile that the last run did not see, or saw alone, belongs to now. The match is that
    of a group of the run if it belongs to one.
    """
    # Imported here: the engine takes half a second, and nobody else needs it to answer.
    from openprofiles.features.matching.online import looking_up

    likeness = looking_up.find_likeness(context, domain, profile_id)
    if likeness is None or not likeness.group:
        return None
    numbers = matches.find_numbers_of(context.transaction, domain.id, result.job_id, likeness.group)
    return _Group(
        match_id=match_id(result.job_id, min(numbers)) if numbers else None,
        profile_ids=likeness.group,
        confidence=likeness.confidence,
    )


def _find_by_rules(
    context: Context, domain: domains.Domain, kind: str, value: str
) -> _Group | None:
    """The group of a profile on its best level, or the group that is called so."""
    find = rules.similar_to_profile if kind == "profile" else rules.group_of_match
    group = find(context, domain, value)
    if group is None:
        return None
    return _Group(match_id=group.match_id, profile_ids=group.profile_ids, level=group.level)


def _require_profile(context: Context, domain: domains.Domain, profile_id: str) -> None:
    if not is_id(profile_id) or not profiles.find_existing(
        context.transaction, domain.id, [profile_id]
    ):
        raise ResourceNotFound("There is no such profile")


OPERATIONS: tuple[Operation, ...] = (get_matches, get_similar_profiles, explain_pair)
