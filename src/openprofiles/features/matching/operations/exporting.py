"""Operations that write matches to buckets. They read page by page and hold no transaction open."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypedDict

from openprofiles.core.errors import BadRequest
from openprofiles.core.ids import Id
from openprofiles.core.operation import Answer, Operation, Route, operation
from openprofiles.core.shapes import DomainName
from openprofiles.features import domains, profiles, rules
from openprofiles.features.context import Context
from openprofiles.features.matching import exporting, match_file
from openprofiles.features.matching.exporting import Place
from openprofiles.features.matching.operations.steps import RunningJob
from openprofiles.features.matching.store import jobs, matches
from openprofiles.storage.buckets import BucketRefused

GROUPS_AT_ONCE = 500
DOMAINS_AT_ONCE = 500

Group = tuple[int, float | None, tuple[Id, ...]]
"""A group's number, its confidence if it has one, its profiles."""


class ExportRequest(TypedDict):
    """The domain whose matches are to be written."""

    DomainName: DomainName


@operation("ExportMatches", reads_only=True)
def export_matches(context: Context, request: RunningJob) -> Answer:
    """Write what a job found to the bucket that the domain named when it began; where to, None when
    it named none. BadRequest when the bucket refuses.
    """
    domain = domains.require(context, request["DomainName"])
    job = jobs.find(context.transaction, domain.id, request["JobId"])
    place = exporting.place_of(job.configuration) if job else None
    if place is None:
        return {"ExportingLocation": None}
    return _write(context, domain, place.below(request["JobId"]), _found(context, domain, request))


@operation(
    "ExportRuleBasedMatches",
    reads_only=True,
    route=Route("POST", "/domains/{DomainName}/rule-based-matches/export", ExportRequest),
)
def export_rule_based_matches(context: Context, request: ExportRequest) -> Answer:
    """Write the matches by rules to the bucket that RuleBasedMatching names, in a folder of the
    day. BadRequest when it names none, or the bucket refuses.
    """
    domain = domains.require(context, request["DomainName"])
    place = exporting.place_of(domain.configuration.get("RuleBasedMatching"))
    if place is None:
        raise BadRequest("RuleBasedMatching of this domain has no ExportingConfig")
    found = enumerate(rules.all_groups(context, domain))
    groups = ((number, None, group.profile_ids) for number, group in found)
    day = f"rule-based-{context.now:%Y-%m-%d}"
    return _write(context, domain, place.below(day), groups)


@operation("ListExportsByRules", reads_only=True)
def list_exports_by_rules(context: Context, _: object) -> Answer:
    """The domains of all accounts whose matches by rules are to be written to buckets."""
    wanting = []
    after = 0
    while found := domains.list_all(context.transaction, after_id=after, limit=DOMAINS_AT_ONCE):
        for account_id, domain in found:
            block = domain.configuration.get("RuleBasedMatching") or {"Enabled": False}
            if block["Enabled"] and exporting.place_of(block):
                wanting.append({"AccountId": account_id, "DomainName": domain.name})
        after = found[-1][1].id
    return {"Domains": wanting}


def _found(context: Context, domain: domains.Domain, request: RunningJob) -> Iterator[Group]:
    after = -1
    while page := matches.list_groups(
        context.transaction, domain.id, request["JobId"], after=after, limit=GROUPS_AT_ONCE
    ):
        yield from ((group.number, group.confidence, group.profile_ids) for group in page)
        after = page[-1].number


def _write(
    context: Context, domain: domains.Domain, place: Place, groups: Iterable[Group]
) -> Answer:
    try:
        files = exporting.write(
            context.settings, place, domain.name, _lines(context, domain, iter(groups))
        )
    except BucketRefused as refusal:
        raise BadRequest(str(refusal)) from refusal
    return {"ExportingLocation": place.as_location(), "Files": files}


def _lines(
    context: Context, domain: domains.Domain, groups: Iterator[Group]
) -> Iterator[tuple[int, bytes]]:
    """The lines of groups with what is in the profiles now."""
    while some := list(islice(groups, GROUPS_AT_ONCE)):
        ids = [profile_id for _, _, profile_ids in some for profile_id in profile_ids]
        fields = profiles.read_fields(context, domain, ids)
        for number, confidence, profile_ids in some:
            members = [(one, fields[one]) for one in profile_ids if one in fields]
            yield len(members), match_file.lines(number, confidence, members)


OPERATIONS: tuple[Operation, ...] = (
    export_matches,
    export_rule_based_matches,
    list_exports_by_rules,
)
