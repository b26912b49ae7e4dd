"""Operations for people who look at matches one by one: the queue, a match, what they decide."""

from typing import Annotated, Literal, NotRequired, TypedDict

from msgspec import Meta

from openprofiles.core import paging
from openprofiles.core.errors import BadRequest
from openprofiles.core.ids import Id
from openprofiles.core.operation import Answer, Operation, Route, operation
from openprofiles.core.shapes import (
    DomainName,
    FieldSources,
    MergedIds,
    PageSize,
    ProfileId,
    Token,
)
from openprofiles.features import authorizing, domains, profiles, rules
from openprofiles.features.context import Context
from openprofiles.features.matching import reviewing
from openprofiles.features.matching.operations.decisions import decide_apart
from openprofiles.features.matching.review import EVERYTHING, Bounds, pair_of, read_place
from openprofiles.features.matching.store import matches, reviews

DEFAULT_PAGE = 20
PATH = "/domains/{DomainName}/reviews"
ONE = f"{PATH}/{{MatchId}}"

MatchId = Annotated[str, Meta(pattern=r"^[a-f0-9-]{34,42}\Z")]
Confidence = Annotated[float, Meta(ge=0, le=1)]
NotSamePair = Annotated[list[ProfileId], Meta(min_length=2, max_length=2)]


class Bounded(TypedDict):
    """Groups whose confidence is at least, and below; those of rules have none."""

    DomainName: DomainName
    MinConfidence: NotRequired[Confidence]
    BelowConfidence: NotRequired[Confidence]


class ListReviewsRequest(Bounded):
    """A page of the queue."""

    Kind: NotRequired[Literal["MODEL", "RULES"]]
    MaxResults: NotRequired[PageSize]
    NextToken: NotRequired[Token]


class GetReviewRequest(Bounded):
    """One group of the queue."""

    MatchId: MatchId


class Merging(TypedDict):
    """As in MergeProfiles."""

    MainProfileId: ProfileId
    ProfileIdsToBeMerged: MergedIds
    FieldSourceProfileIds: NotRequired[FieldSources]


class DecideReviewRequest(TypedDict):
    """What of a group is one customer, and which pairs are not; both are done, or neither."""

    DomainName: DomainName
    MatchId: MatchId
    Merge: NotRequired[Merging]
    NotSame: NotRequired[Annotated[list[NotSamePair], Meta(min_length=1, max_length=1000)]]


@operation("ListReviews", reads_only=True, route=Route("GET", PATH, ListReviewsRequest))
def list_reviews(context: Context, request: ListReviewsRequest) -> Answer:
    """The match groups that wait for somebody, those with the greatest gain first: how many
    profiles too many a group is expected to take away, which is all but one times its confidence.

    `Kind` is MODEL, unless RULES asks for the groups of rules, the best level first, whose total
    is not known. A group whose profiles are all decided apart does not wait.
    """
    name = request["DomainName"]
    domain = domains.require(context, name)
    kind = request.get("Kind", "MODEL")
    bounds = _bounds(request)
    scope = ("ListReviews", context.caller.account_id, name, kind, bounds.least, bounds.below)
    cursor = paging.decode(scope, request.get("NextToken"), context.now)
    size = request.get("MaxResults") or DEFAULT_PAGE
    find = _list_of_rules if kind == "RULES" else _list_of_model
    found, following, about = find(context, domain, bounds, cursor, size)
    return {
        **about,
        "Items": [review.as_answer() for review in found],
        "NextToken": paging.encode(scope, following, context.now) if following else None,
    }


@operation("GetReview", reads_only=True, route=Route("GET", ONE, GetReviewRequest))
def get_review(context: Context, request: GetReviewRequest) -> Answer:
    """A match group: its profiles, why, which pairs were decided apart, and which groups are before
    and after it among those within the bounds. ResourceNotFound when there is none any more.
    """
    domain = domains.require(context, request["DomainName"])
    review = reviewing.require(context, domain, request["MatchId"])
    before, after = reviewing.neighbours(context, domain, review, _bounds(request))
    return {
        **review.as_answer(),
        "Attributes": reviewing.attributes_of(domain, review),
        "NotSame": [
            list(pair) for pair in reviewing.decided_within(context, domain, review.profile_ids)
        ],
        "PreviousMatchId": before,
        "NextMatchId": after,
    }


@operation("DecideReview", route=Route("POST", ONE, DecideReviewRequest))
def decide_review(context: Context, request: DecideReviewRequest) -> Answer:
    """Merge profiles of a match group, note pairs of it that are not the same, or both at once.

    BadRequest when somebody merged, deleted or parted them meanwhile: nothing is done then.
    ResourceNotFound when there is no such group any more. Whoever decides needs the permission for
    what is done, too: to merge profiles, to note that they are not the same.
    """
    name = request["DomainName"]
    for member, needed in (("Merge", "MergeProfiles"), ("NotSame", "DecideNotSame")):
        if request.get(member):
            authorizing.require_allowed(context, needed, {"DomainName": name})
    domain = domains.require_for_write(context, name)
    review = reviewing.require(context, domain, request["MatchId"])
    merging = request.get("Merge")
    apart = sorted({pair_of(*pair) for pair in request.get("NotSame") or ()})
    merged: list[Id] = []
    if merging:
        merged = [merging["MainProfileId"], *merging["ProfileIdsToBeMerged"]]
        if merging["MainProfileId"] in merging["ProfileIdsToBeMerged"]:
            raise BadRequest("MainProfileId is among ProfileIdsToBeMerged")
    elif not apart:
        raise BadRequest("Neither Merge nor NotSame is given")
    for pair in apart:
        if set(pair) <= set(merged):
            raise BadRequest("NotSame names two profiles that are to be merged")
    touched = [*merged, *(profile_id for pair in apart for profile_id in pair)]
    reviewing.require_as_seen(context, domain, review, touched, merged)
    for one, other in apart:
        decide_apart(context, domain, one, other)
    merge_id = _merge(context, domain, review, merging) if merging else None
    return {"MergeId": merge_id, "NotSame": [list(pair) for pair in apart]}


def _merge(
    context: Context, domain: domains.Domain, review: reviewing.Review, merging: Merging
) -> Id:
    done = profiles.merge(
        context,
        domain,
        merging["MainProfileId"],
        merging["ProfileIdsToBeMerged"],
        resolution=profiles.Resolution("CALL", field_sources=merging.get("FieldSourceProfileIds")),
        cause=reviewing.cause_of(context, domain, review),
    )
    if done is None:
        raise AssertionError("Who asks for a merge gets one, or an error")
    return done.id


def _bounds(request: Bounded) -> Bounds:
    return Bounds(
        least=request.get("MinConfidence", 0.0), below=request.get("BelowConfidence", EVERYTHING)
    )


def _list_of_model(
    context: Context, domain: domains.Domain, bounds: Bounds, cursor: str | None, size: int
) -> tuple[list[reviewing.Review], str | None, Answer]:
    """A page of what the last run found, and where the next one begins."""
    result = matches.find_result(context.transaction, domain.id, now=context.now)
    if result is None:
        return [], None, {"Total": 0, "MatchGenerationDate": None}
    queue = reviews.Queue(domain_id=domain.id, job_id=result.job_id, bounds=bounds)
    found, total = reviews.list_waiting(
        context.transaction, queue, after=read_place(cursor), limit=size + 1
    )
    page = found[:size]
    following = page[-1].place.as_cursor() if len(found) > size else None
    groups = [
        matches.MatchGroup(waiting.place.number, waiting.confidence, waiting.profile_ids)
        for waiting in page
    ]
    about = {"Total": total, "MatchGenerationDate": result.made_at}
    return [reviewing.of_model(result.job_id, group) for group in groups], following, about


def _list_of_rules(
    context: Context, domain: domains.Domain, _: Bounds, cursor: str | None, size: int
) -> tuple[list[reviewing.Review], str | None, Answer]:
    """A page of what the rules find at this moment, and where the next one begins."""
    if cursor is not None and rules.parse_match_id(cursor) is None:
        raise BadRequest(paging.BROKEN)
    found, following = rules.list_groups(context, domain, after=cursor, limit=size)
    about = {"Total": None, "MatchGenerationDate": None}
    return [reviewing.of_rules(group) for group in found], following, about


OPERATIONS: tuple[Operation, ...] = (list_reviews, get_review, decide_review)
