"""ListRuleBasedMatches, and the work on rules as operations beyond the AWS API."""

from dataclasses import replace
from typing import TYPE_CHECKING, NotRequired, TypedDict

from openprofiles.core import paging
from openprofiles.core.errors import BadRequest
from openprofiles.core.operation import Answer, Operation, operation
from openprofiles.features import domains
from openprofiles.features.context import Context
from openprofiles.features.rules import applying, store
from openprofiles.features.rules.grouping import Position, open_grouping
from openprofiles.features.rules.match_group import match_id_of, parse_match_id

if TYPE_CHECKING:
    from types_boto3_customer_profiles.type_defs import ListRuleBasedMatchesRequestTypeDef

DEFAULT_PAGE = 100
MOST_EFFORT = 50_000
"""Profiles looked at for one page, about: beyond, the page is shorter than asked for."""

STEPS_FOR_A_PAGE = 50


class WorkRequest(TypedDict):
    """Work in a domain, or in the next one after the domain with the number `After`."""

    DomainName: NotRequired[str]
    After: NotRequired[int]


@operation("ListRuleBasedMatches", reads_only=True)
def list_rule_based_matches(
    context: Context, request: "ListRuleBasedMatchesRequestTypeDef"
) -> Answer:
    """Ids of match groups, level by level; empty while the rules are off."""
    domain = domains.require(context, request["DomainName"])
    scope = ("ListRuleBasedMatches", domain.id)
    position: Position | None = _position(
        paging.decode(scope, request.get("NextToken"), context.now)
    )
    size = request.get("MaxResults") or DEFAULT_PAGE
    grouping = open_grouping(context, domain)
    if grouping is None:
        return {"MatchIds": []}
    found: list[str] = []
    effort = steps = 0
    while position and len(found) < size and effort < MOST_EFFORT and steps < STEPS_FOR_A_PAGE:
        page = grouping.page(position, limit=size - len(found))
        found += [group.match_id for group in page.groups]
        position, effort, steps = page.next, effort + page.effort, steps + 1
    cursor = match_id_of(position.level, position.value) if position else None
    return {
        "MatchIds": found,
        "NextToken": paging.encode(scope, cursor, context.now) if cursor else None,
    }


def _position(cursor: str | None) -> Position:
    """Where a list goes on: at a level and a value, written as a match id is."""
    if cursor is None:
        return Position()
    parsed = parse_match_id(cursor)
    if parsed is None:
        raise BadRequest(paging.BROKEN)
    return Position(*parsed)


@operation("ApplyRules", is_bulk=True)
def apply_rules(context: Context, request: WorkRequest) -> Answer:
    """Apply the rules of a domain to some more of the profiles that were there before them.

    `After` is the number of the domain; None when no domain has any left.
    """
    name = request.get("DomainName")
    if name is not None:
        applying.apply_rules(context, name)
        return {"After": None}
    due = store.find_at_work(
        context.transaction,
        pending_since=applying.pending_since(context),
        after=request.get("After", 0),
    )
    if due is None:
        return {"After": None}
    account_id, name, domain_id = due
    applying.apply_rules(_in_account(context, account_id), name)
    return {"After": domain_id}


def _in_account(context: Context, account_id: str) -> Context:
    return replace(context, caller=replace(context.caller, account_id=account_id))


OPERATIONS: tuple[Operation, ...] = (list_rule_based_matches, apply_rules)
