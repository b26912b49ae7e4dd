"""Operations on decisions: these two profiles are not the same person."""

from typing import NotRequired, TypedDict

from openprofiles.core import paging
from openprofiles.core.errors import BadRequest, ResourceNotFound
from openprofiles.core.ids import Id
from openprofiles.core.operation import Answer, Operation, Route, operation
from openprofiles.core.shapes import DomainName, PageSize, ProfileId, Token
from openprofiles.features import domains, profiles, rules
from openprofiles.features.context import Context
from openprofiles.features.matching.cursor import after_pair
from openprofiles.features.matching.store import decisions, reviews
from openprofiles.storage import journal

DEFAULT_PAGE = 100
PATH = "/domains/{DomainName}/decisions"


class PairRequest(TypedDict):
    """Two profiles."""

    DomainName: DomainName
    ProfileId: ProfileId
    OtherProfileId: ProfileId


class ListDecisionsRequest(TypedDict):
    """A page of a domain's decisions."""

    DomainName: DomainName
    MaxResults: NotRequired[PageSize]
    NextToken: NotRequired[Token]


@operation("DecideNotSame", route=Route("POST", PATH, PairRequest))
def decide_not_same(context: Context, request: PairRequest) -> Answer:
    """Note that two profiles are not the same: no later run groups them, and no run merges them.

    ResourceNotFound when one of them does not exist. Deciding again changes nothing.
    """
    domain = domains.require_for_write(context, request["DomainName"])
    one, other = _pair(request)
    existing = profiles.find_existing(context.transaction, domain.id, [one, other])
    for profile_id in (one, other):
        if profile_id not in existing:
            raise ResourceNotFound(f"Profile {profile_id} does not exist")
    return _as_answer(decide_apart(context, domain, one, other))


@operation("WithdrawDecision", route=Route("DELETE", PATH, PairRequest))
def withdraw_decision(context: Context, request: PairRequest) -> Answer:
    """Forget that two profiles are not the same; ResourceNotFound when nobody said so."""
    domain = domains.require_for_write(context, request["DomainName"])
    one, other = _pair(request)
    if not decisions.delete(context.transaction, domain.id, one, other):
        raise ResourceNotFound("There is no decision about these profiles")
    reviews.withdraw(context.transaction, domain.id, one, other)
    _note(context, domain, "match.decision_withdrawn", one, other)
    rules.look_again(context, domain, [one, other])
    return {"Message": "OK"}


@operation("ListDecisions", reads_only=True, route=Route("GET", PATH, ListDecisionsRequest))
def list_decisions(context: Context, request: ListDecisionsRequest) -> Answer:
    """The pairs of profiles that somebody said are not the same, by their ids."""
    name = request["DomainName"]
    domain = domains.require(context, name)
    scope = ("ListDecisions", context.caller.account_id, name)
    after = after_pair(paging.decode(scope, request.get("NextToken"), context.now))
    size = request.get("MaxResults") or DEFAULT_PAGE

    found = decisions.list_page(context.transaction, domain.id, after=after, limit=size + 1)
    page, token = paging.cut(
        scope,
        found,
        size,
        context.now,
        cursor_of=lambda decision: f"{decision.one} {decision.other}",
    )
    return {
        "Items": [_as_answer(decision) for decision in page],
        "NextToken": token,
    }


def decide_apart(
    context: Context, domain: domains.Domain, one: Id, other: Id
) -> decisions.Decision:
    """Note that two profiles, the smaller id first, are not the same."""
    decision = decisions.Decision(one, other, context.now, context.caller.principal)
    decisions.insert(context.transaction, domain.id, decision, request_id=context.caller.request_id)
    reviews.decide(context.transaction, domain.id, one)
    _note(context, domain, "match.decided_apart", one, other)
    return decision


def _pair(request: PairRequest) -> tuple[str, str]:
    one, other = sorted((request["ProfileId"], request["OtherProfileId"]))
    if one == other:
        raise BadRequest("ProfileId and OtherProfileId are the same")
    return one, other


def _note(context: Context, domain: domains.Domain, kind: str, one: str, other: str) -> None:
    entry = journal.Entry(kind=kind, profile_id=one, subject=other)
    journal.append(context.transaction, domain.id, [entry], caller=context.caller, now=context.now)


def _as_answer(decision: decisions.Decision) -> Answer:
    return {
        "ProfileId": decision.one,
        "OtherProfileId": decision.other,
        "DecidedAt": decision.decided_at,
        "DecidedBy": decision.principal,
    }


OPERATIONS: tuple[Operation, ...] = (decide_not_same, withdraw_decision, list_decisions)
