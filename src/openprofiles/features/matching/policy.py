"""What a domain's AutoMerging says: which matches are merged, by which criteria, how conflicts are
decided.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openprofiles.core.ids import Id
from openprofiles.features import domains, profiles
from openprofiles.features.context import Context
from openprofiles.features.matching.consolidating import (
    Consolidation,
    Pair,
    consolidate,
    person_of,
)
from openprofiles.features.matching.store import decisions, matches


@dataclass(frozen=True, slots=True)
class Policy:
    """An AutoMerging block, or the like of it in a request."""

    criteria: Sequence[Sequence[str]]
    resolution: profiles.Resolution
    min_confidence: float


def policy_of(block: Mapping[str, Any]) -> Policy:
    """The policy that a block says."""
    conflicts = block.get("ConflictResolution") or {}
    return Policy(
        (block.get("Consolidation") or {}).get("MatchingAttributesList", ()),
        profiles.Resolution(
            conflicts.get("ConflictResolvingModel", "RECENCY"), conflicts.get("SourceName")
        ),
        block.get("MinAllowedConfidenceScoreForMerging") or 0.0,
    )


def consolidate_groups(
    context: Context,
    domain: domains.Domain,
    policy: Policy,
    groups: Sequence[matches.MatchGroup],
    found: Mapping[Id, profiles.Profile],
) -> list[list[Consolidation]]:
    """For each group the merges that a policy makes of its profiles, of which `found` has those
    that are left.
    """
    members = [
        [found[profile_id] for profile_id in group.profile_ids if profile_id in found]
        for group in groups
    ]
    apart = _apart(context, domain, (profile for group in members for profile in group))
    return [consolidate(group, policy.criteria, policy.resolution, apart) for group in members]


def _apart(
    context: Context, domain: domains.Domain, found: Iterable[profiles.Profile]
) -> frozenset[Pair]:
    """The decisions about profiles and those that were merged into them; who undid a merge has
    decided, too.
    """
    ids = sorted(frozenset[Id]().union(*(person_of(profile).ids for profile in found)))
    return frozenset(
        {
            *decisions.list_of(context.transaction, domain.id, ids),
            *profiles.list_parted(context, domain, ids),
        }
    )
