"""ListRuleBasedMatches, and the work on rules as operations beyond the AWS API."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from openprofiles.core import paging
from openprofiles.core.errors import BadRequest
from openprofiles.core.ids import Id
from openprofiles.core.operation import Answer, Operation, operation
from openprofiles.features import domains
from openprofiles.features.context import Context
from openprofiles.features.rules import applying, merging, store
from openprofiles.features.rules.grouping import list_groups
from openprofiles.features.rules.match_group import parse_match_id
from openprofiles.features.rules.shapes import WorkRequest
from openprofiles.features.rules.watching import get_rule_matching_status, preview_rules
from openprofiles.storage.encryption import is_usable

if TYPE_CHECKING:
    from types_boto3_customer_profiles.type_defs import ListRuleBasedMatchesRequestTypeDef

DEFAULT_PAGE = 100
MERGES_AT_ONCE = 25
NOTES_AT_ONCE = 500
ROUNDS = 10
"""Merges that follow from a change of profiles before it is answered; the job does the others."""


@operation("ListRuleBasedMatches", reads_only=True)
def list_rule_based_matches(
    context: Context, request: "ListRuleBasedMatchesRequestTypeDef"
) -> Answer:
    """Ids of match groups, level by level; empty while the rules are off."""
    domain = domains.require(context, request["DomainName"])
    scope = ("ListRuleBasedMatches", domain.id)
    after = paging.decode(scope, request.get("NextToken"), context.now)
    if after is not None and parse_match_id(after) is None:
        raise BadRequest(paging.BROKEN)
    found, cursor = list_groups(
        context, domain, after=after, limit=request.get("MaxResults") or DEFAULT_PAGE
    )
    return {
        "MatchIds": [group.match_id for group in found],
        "NextToken": paging.encode(scope, cursor, context.now) if cursor else None,
    }


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
    if not is_usable(context.transaction, domain_id):
        return {"After": domain_id, "IsWaiting": True}
    applying.apply_rules(_in_account(context, account_id), name)
    return {"After": domain_id}


@operation("MergeRuleMatches")
def merge_rule_matches(context: Context, request: WorkRequest) -> Answer:
    """Merge some of what the rules match up to the level that they merge on.

    Of the profiles named; without any, of those that are noted in the domain, or in the next one
    that has some. `After` is the number of that domain; None when there is none.
    """
    name = request.get("DomainName")
    if name is not None:
        _merge_in(context, name, request)
        return {"After": None}
    due = store.find_domain_with_merges_due(context.transaction, after=request.get("After", 0))
    if due is None:
        return {"After": None}
    account_id, name, domain_id = due
    if not is_usable(context.transaction, domain_id):
        return {"After": domain_id, "IsWaiting": True}
    _merge_noted(_in_account(context, account_id), name)
    return {"After": domain_id}


def _merge_in(context: Context, name: str, request: WorkRequest) -> None:
    """Do the next merges in a domain, and have those that follow from them done afterwards."""
    follow: dict[str, Any] = {"DomainName": name, "Rounds": request.get("Rounds", ROUNDS) - 1}
    profile_ids = request.get("ProfileIds")
    if profile_ids is None:
        is_done = _merge_noted(context, name)
    else:
        follow["ProfileIds"] = sorted(_merge_matches_of(context, name, profile_ids))
        is_done = not follow["ProfileIds"]
    if not is_done and follow["Rounds"]:
        context.afterwards.append(("MergeRuleMatches", follow))


def _merge_matches_of(context: Context, name: str, profile_ids: Sequence[Id]) -> set[Id]:
    """Do one merge among profiles; whom to look at again."""
    domain = domains.require_for_write(context, name)
    notes = store.find_merges_due(context.transaction, domain.id, profile_ids[:NOTES_AT_ONCE])
    again = merging.merge_due(context, domain, notes, limit=1)
    _forget_follow_ups(context)
    return again


def _merge_noted(context: Context, name: str) -> bool:
    """Do several merges; nobody else writes, since they touch profiles in no order. True when
    nothing is left to do.
    """
    domain = domains.own(context, name)
    notes = store.list_merges_due(context.transaction, domain.id, limit=NOTES_AT_ONCE)
    again = merging.merge_due(context, domain, notes, limit=MERGES_AT_ONCE)
    _forget_follow_ups(context)
    if again or len(notes) == NOTES_AT_ONCE:
        return False
    applying.finish(context, domain)
    return True


def _forget_follow_ups(context: Context) -> None:
    """Whom a merge has changed is among those that are looked at again anyway."""
    context.afterwards[:] = [act for act in context.afterwards if act[0] != "MergeRuleMatches"]


def _in_account(context: Context, account_id: str) -> Context:
    return replace(context, caller=replace(context.caller, account_id=account_id))


OPERATIONS: tuple[Operation, ...] = (
    list_rule_based_matches,
    apply_rules,
    merge_rule_matches,
    get_rule_matching_status,
    preview_rules,
)
