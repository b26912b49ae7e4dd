"""Operations that merge what matches, or say what would be merged."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Literal, NotRequired, TypedDict

from msgspec import Meta

from openprofiles.core.errors import BadRequest
from openprofiles.core.ids import Id
from openprofiles.core.operation import Answer, Operation, Route, operation
from openprofiles.core.shapes import DomainName, PageSize
from openprofiles.features import domains, profiles
from openprofiles.features.context import Context
from openprofiles.features.matching.consolidating import Consolidation
from openprofiles.features.matching.cursor import match_id
from openprofiles.features.matching.job import MERGED, Job
from openprofiles.features.matching.operations.steps import RunningJob, own_job
from openprofiles.features.matching.policy import Policy, consolidate_groups, policy_of
from openprofiles.features.matching.store import jobs, matches

if TYPE_CHECKING:
    from types_boto3_customer_profiles.type_defs import GetAutoMergingPreviewRequestTypeDef

MOST_PREVIEWED = 10_000
GROUPS_READ_AT_ONCE = 500
GROUPS_MERGED_AT_ONCE = 20
PROFILES_MERGED_AT_ONCE = 20
"""As many as a MergeProfiles call may name."""

DEFAULT_PREVIEW = 20

Attribute = Annotated[str, Meta(min_length=1, max_length=255)]
Criterion = Annotated[list[Attribute], Meta(min_length=1, max_length=20)]


class Consolidating(TypedDict):
    """As in the AWS API."""

    MatchingAttributesList: Annotated[list[Criterion], Meta(min_length=1, max_length=10)]


class Resolving(TypedDict):
    """As in the AWS API."""

    ConflictResolvingModel: Literal["RECENCY", "SOURCE"]
    SourceName: NotRequired[Attribute]


class PreviewRequest(TypedDict):
    """How to merge; without `Consolidation`, as the domain's AutoMerging says."""

    DomainName: DomainName
    Consolidation: NotRequired[Consolidating]
    ConflictResolution: NotRequired[Resolving]
    MinAllowedConfidenceScoreForMerging: NotRequired[Annotated[float, Meta(ge=0, le=1)]]
    MaxResults: NotRequired[PageSize]


@operation("MergeMatches")
def merge_matches(context: Context, request: RunningJob) -> Answer:
    """Merge the next groups of a job by the criteria that it began with; whether any was left.

    Where the merging stands is stored with the merges, so that each is done once.
    """
    domain, job = own_job(context, request)
    now = domain.matching.get("AutoMerging") or {"Enabled": False}
    if job.auto_merging is None or not now["Enabled"]:
        # Other criteria hold for the next run; switched off is switched off.
        return {"Job": job, "IsDone": True}
    policy = policy_of(job.auto_merging)
    groups = matches.list_groups(
        context.transaction,
        domain.id,
        job.id,
        after=job.progress.merged_up_to,
        limit=GROUPS_MERGED_AT_ONCE,
        min_confidence=policy.min_confidence,
    )
    if not groups:
        return {"Job": job, "IsDone": True}
    # All at once, in the order that all writers lock in.
    ids = [profile_id for group in groups for profile_id in group.profile_ids]
    found = profiles.lock_profiles(context.transaction, domain.id, ids)
    merged = failed = 0
    for group, planned in zip(
        groups, consolidate_groups(context, domain, policy, groups, found), strict=True
    ):
        done = _merge_group(context, domain, job, policy, group, planned)
        merged += done
        failed += done < sum(len(one.merged_ids) for one in planned)
    number = groups[-1].number
    progress = replace(
        job.progress,
        merged_up_to=number,
        done=number + 1,
        failed=job.progress.failed + failed,
    )
    job = replace(job, updated_at=context.now).advanced(progress)
    job = job.counting(**{MERGED: job.statistics.get(MERGED, 0) + merged})
    jobs.update(context.transaction, domain.id, job)
    return {"Job": job, "IsDone": False}


@operation("GetAutoMergingPreview", reads_only=True)
def get_auto_merging_preview(
    context: Context, request: "GetAutoMergingPreviewRequestTypeDef"
) -> Answer:
    """How many profiles would be merged away by a policy, over the matches of the last run; merges
    nothing.

    BadRequest for a policy that breaks a rule.
    """
    domain = domains.require(context, request["DomainName"])
    domains.require_consistent({"Matching": {"AutoMerging": request}})
    preview = _preview(context, domain, policy_of(request))
    return {
        "DomainName": domain.name,
        "NumberOfMatchesInSample": len(preview),
        "NumberOfProfilesInSample": sum(len(group.profile_ids) for group, _ in preview),
        "NumberOfProfilesWillBeMerged": sum(
            len(one.merged_ids) for _, planned in preview for one in planned
        ),
    }


@operation(
    "PreviewAutoMerging",
    reads_only=True,
    route=Route("POST", "/domains/{DomainName}/auto-merging-preview", PreviewRequest),
)
def preview_auto_merging(context: Context, request: PreviewRequest) -> Answer:
    """What auto-merging would do with the matches of the last run, the riskiest first: those that
    are least sure, then those in which most values would be lost. Merges nothing.

    BadRequest when neither the request nor the domain says how to merge.
    """
    domain = domains.require(context, request["DomainName"])
    block: dict[str, Any] = dict(domain.matching.get("AutoMerging") or {})
    block.update(
        {name: value for name, value in request.items() if name in _OF_POLICY and value is not None}
    )
    if not block.get("Consolidation"):
        raise BadRequest("Neither the request nor the domain's AutoMerging has a Consolidation")
    domains.require_consistent({"Matching": {"AutoMerging": block}})
    result = matches.find_result(context.transaction, domain.id, now=context.now)
    preview = _preview(context, domain, policy_of(block))
    merging = [(group, planned) for group, planned in preview if planned]
    merging.sort(key=lambda pair: (pair[0].confidence, -_lost(pair[1])))
    shown = merging[: request.get("MaxResults") or DEFAULT_PREVIEW]
    return {
        "NumberOfMatchesInSample": len(preview),
        "NumberOfMatchesWithMerges": len(merging),
        "NumberOfProfilesWillBeMerged": sum(
            len(one.merged_ids) for _, planned in merging for one in planned
        ),
        "Matches": [
            {
                "MatchId": match_id(result.job_id if result else "", group.number),
                "ConfidenceScore": group.confidence,
                "Merges": [_shown(one) for one in planned],
            }
            for group, planned in shown
        ],
    }


_OF_POLICY = ("Consolidation", "ConflictResolution", "MinAllowedConfidenceScoreForMerging")


def _merge_group(
    context: Context,
    domain: domains.Domain,
    job: Job,
    policy: Policy,
    group: matches.MatchGroup,
    planned: list[Consolidation],
) -> int:
    """Do the merges of a group until one is refused; how many profiles went."""
    merged = 0
    for one in planned:
        cause = profiles.MergeCause(
            "matching",
            {
                "JobId": job.id,
                "MatchId": match_id(job.id, group.number),
                "ModelVersion": job.model_version,
                "ConfidenceScore": group.confidence,
                "Criterion": one.criterion,
                "AgreeingValues": one.agreeing,
            },
        )
        for start in range(0, len(one.merged_ids), PROFILES_MERGED_AT_ONCE):
            some = one.merged_ids[start : start + PROFILES_MERGED_AT_ONCE]
            done = profiles.merge(
                context, domain, one.main_id, some, resolution=policy.resolution, cause=cause
            )
            if done is None:
                # The profile would be larger than one may be: what follows builds on it.
                return merged
            merged += len(done.merged_ids)
    return merged


def _preview(
    context: Context, domain: domains.Domain, policy: Policy
) -> list[tuple[matches.MatchGroup, list[Consolidation]]]:
    """The least sure groups of the last run, up to MOST_PREVIEWED, with what a policy would do."""
    transaction = context.transaction
    result = matches.find_result(transaction, domain.id, now=context.now)
    if result is None:
        return []
    groups = matches.list_least_sure(
        transaction,
        domain.id,
        result.job_id,
        limit=MOST_PREVIEWED,
        min_confidence=policy.min_confidence,
    )
    preview: list[tuple[matches.MatchGroup, list[Consolidation]]] = []
    for start in range(0, len(groups), GROUPS_READ_AT_ONCE):
        some = groups[start : start + GROUPS_READ_AT_ONCE]
        ids: list[Id] = [profile_id for group in some for profile_id in group.profile_ids]
        found = profiles.read_profiles(transaction, domain.id, ids)
        preview += zip(some, consolidate_groups(context, domain, policy, some, found), strict=True)
    return preview


def _lost(planned: list[Consolidation]) -> int:
    return sum(len(one.conflicts) for one in planned)


def _shown(one: Consolidation) -> Answer:
    return {
        "MainProfileId": one.main_id,
        "ProfileIdsToBeMerged": list(one.merged_ids),
        "Criterion": one.criterion,
        "Agreeing": one.agreeing,
        "Conflicts": one.conflicts,
    }


OPERATIONS: tuple[Operation, ...] = (
    merge_matches,
    get_auto_merging_preview,
    preview_auto_merging,
)
