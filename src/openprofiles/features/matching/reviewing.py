"""Match groups of both kinds as people look at them, one by one, and what they decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from openprofiles.core.errors import BadRequest, ResourceNotFound
from openprofiles.core.ids import Id
from openprofiles.features import domains, profiles, rules
from openprofiles.features.context import Context
from openprofiles.features.matching.cursor import match_id, read_match_id
from openprofiles.features.matching.review import (
    Bounds,
    Pair,
    gain_of,
    pairs_within,
)
from openprofiles.features.matching.store import decisions, jobs, matches, reviews

Kind = Literal["MODEL", "RULES"]
"""Who found a group: identity resolution, or the domain's rules."""

GONE = "Profile {} is not there any more: it was merged or deleted meanwhile"
APART = (
    "Profiles {} and {} were decided not to be the same: withdraw the decision first if they are"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A group that somebody looks at; `number` is its number in the result of a run."""

    match_id: str
    kind: Kind
    profile_ids: tuple[Id, ...]
    confidence: float | None = None
    level: int | None = None
    number: int | None = None
    job_id: Id | None = None

    @property
    def gain(self) -> float:
        """How many profiles too many it is expected to take away."""
        return gain_of(len(self.profile_ids), self.confidence)

    def as_answer(self) -> dict[str, Any]:
        """The group in answers."""
        return {
            "MatchId": self.match_id,
            "Kind": self.kind,
            "ProfileIds": list(self.profile_ids),
            "ConfidenceScore": self.confidence,
            "RuleLevel": self.level,
            "Gain": self.gain,
        }


def require(context: Context, domain: domains.Domain, text: str) -> Review:
    """The group with a MatchId of either kind; ResourceNotFound when there is none any more."""
    read = read_match_id(text)
    if read is not None:
        result = matches.find_result(context.transaction, domain.id, now=context.now)
        if result is not None and result.job_id == read[0]:
            group = matches.find_group(context.transaction, domain.id, *read)
            if group is not None:
                return of_model(result.job_id, group)
    elif rules.parse_match_id(text):
        found = rules.group_of_match(context, domain, text)
        if found is not None:
            return of_rules(found)
    raise ResourceNotFound("There is no such match any more")


def of_model(job_id: Id, group: matches.MatchGroup) -> Review:
    """A group that a run found."""
    return Review(
        match_id=match_id(job_id, group.number),
        kind="MODEL",
        profile_ids=group.profile_ids,
        confidence=group.confidence,
        number=group.number,
        job_id=job_id,
    )


def of_rules(group: rules.MatchGroup) -> Review:
    """A group that the rules make."""
    return Review(
        match_id=group.match_id,
        kind="RULES",
        profile_ids=group.profile_ids,
        level=group.level,
    )


def neighbours(
    context: Context, domain: domains.Domain, review: Review, bounds: Bounds
) -> tuple[str | None, str | None]:
    """The MatchIds before and after a group, among those within bounds, None where there is none.

    What is before one of the rules is not known: their groups are found on the way.
    """
    if review.job_id is not None and review.number is not None:
        queue = reviews.Queue(domain_id=domain.id, job_id=review.job_id, bounds=bounds)
        found = reviews.find_neighbours(context.transaction, queue, review.number)
        before, after = (
            None if number is None else match_id(review.job_id, number) for number in found
        )
        return before, after
    following, _ = rules.list_groups(context, domain, after=review.match_id, limit=2)
    others = [group.match_id for group in following if group.match_id != review.match_id]
    return None, others[0] if others else None


def decided_within(
    context: Context, domain: domains.Domain, profile_ids: Sequence[Id]
) -> list[Pair]:
    """The pairs of these profiles that somebody said are not the same."""
    found = decisions.list_of(context.transaction, domain.id, profile_ids)
    return sorted(pairs_within(profile_ids, found))


def require_as_seen(
    context: Context,
    domain: domains.Domain,
    review: Review,
    touched: Sequence[Id],
    merging: Sequence[Id],
) -> None:
    """Pass when what somebody decides is still what they saw, and lock it until the transaction
    ends: all profiles are there and of the group, and nobody parted those to be merged. BadRequest
    says what is not.
    """
    standing = profiles.lock_profiles(context.transaction, domain.id, sorted(set(touched)))
    for profile_id in touched:
        if profile_id not in standing:
            raise BadRequest(GONE.format(profile_id))
        if profile_id not in review.profile_ids:
            raise BadRequest(f"Profile {profile_id} is not in this match any more")
    for one, other in decided_within(context, domain, merging):
        raise BadRequest(APART.format(one, other))


def cause_of(context: Context, domain: domains.Domain, review: Review) -> profiles.MergeCause:
    """What the receipt of a merge says of the group."""
    detail: dict[str, Any] = {"MatchId": review.match_id}
    if review.job_id is not None:
        job = jobs.find(context.transaction, domain.id, review.job_id)
        detail |= {
            "JobId": review.job_id,
            "ConfidenceScore": review.confidence,
            "ModelVersion": job.model_version if job else None,
        }
    else:
        detail["RuleLevel"] = review.level
        detail["Attributes"] = attributes_of(domain, review)
    return profiles.MergeCause("review", detail)


def attributes_of(domain: domains.Domain, review: Review) -> list[str]:
    """The attributes in which the profiles of a group of the rules agree; none for another."""
    if review.level is None:
        return []
    block = domains.effective_rules(domain.configuration["RuleBasedMatching"])
    attributes: list[str] = block["MatchingRules"][review.level - 1]["Rule"]
    return attributes
