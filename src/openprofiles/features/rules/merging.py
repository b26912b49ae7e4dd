"""Merges what the rules match, up to the level that they merge on.

Who is to be looked at is noted in the transaction that changed the profile, so nothing is forgotten
when a process dies before it is merged.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from openprofiles.core.errors import ResourceNotFound
from openprofiles.core.ids import Id
from openprofiles.features import domains, profiles
from openprofiles.features.context import Context
from openprofiles.features.rules import store
from openprofiles.features.rules.components import Component, mergeable
from openprofiles.features.rules.grouping import Grouping, open_grouping
from openprofiles.features.rules.match_group import match_id_of

MERGED_AT_ONCE = 20
"""Profiles that one merge takes into another, as MergeProfiles; more are merged in rounds."""


@dataclass(frozen=True, slots=True)
class Merging:
    """A set of profiles to be merged, and on which grounds."""

    level: int
    match_id: str
    profile_ids: tuple[Id, ...]


@dataclass(slots=True)
class Plan:
    """What to merge now; `waiting` are profiles that are to be looked at again."""

    mergings: list[Merging] = field(default_factory=list)
    waiting: set[Id] = field(default_factory=set)

    def add(self, level: int, component: Component, members: tuple[Id, ...], limit: int) -> None:
        """Plan to merge members of a component, or to do so later if there is enough to do."""
        if len(self.mergings) < limit and self.waiting.isdisjoint(members):
            match_id = match_id_of(level, min(component.values))
            self.mergings.append(Merging(level, match_id, members))
        self.waiting.update(members)


def merge_due(
    context: Context, domain: domains.Domain, notes: Mapping[Id, str], *, limit: int
) -> set[Id]:
    """Merge what the noted profiles match, in up to `limit` merges, and take away the notes of
    those that are done; the profiles to be looked at again, which are noted.
    """
    grouping = open_grouping(context, domain)
    again: set[Id] = set()
    if grouping is not None:
        plan = _plan(grouping, notes, limit)
        again = plan.waiting
        for merging in plan.mergings:
            again = again.difference(merging.profile_ids)
            again |= _merge(context, domain, grouping, merging)
    done = [(one, version) for one, version in notes.items() if one not in again]
    store.delete_merges_due(context.transaction, domain.id, done)
    if again:
        store.note_merges_due(context.transaction, domain.id, again)
    return again


def _merge(
    context: Context, domain: domains.Domain, grouping: Grouping, merging: Merging
) -> set[Id]:
    """Merge one set, or the first of it; whom to look at again."""
    rules = grouping.rules
    try:
        main_id = profiles.choose_main(context, domain, merging.profile_ids)
    except ResourceNotFound:
        return set()
    others = [one for one in merging.profile_ids if one != main_id]
    merged = profiles.merge(
        context,
        domain,
        main_id,
        others[:MERGED_AT_ONCE],
        resolution=profiles.Resolution(
            model=rules.resolution["ConflictResolvingModel"],
            source_name=rules.resolution.get("SourceName"),
        ),
        cause=profiles.MergeCause(
            kind="rule",
            detail={
                "RuleLevel": merging.level,
                "MatchId": merging.match_id,
                "Attributes": list(rules.levels[merging.level - 1]),
            },
        ),
    )
    # None is merged when they would be too large together, which the journal tells.
    return {merged.main_id, *others[MERGED_AT_ONCE:]} if merged else set()


def _plan(grouping: Grouping, profile_ids: Iterable[Id], limit: int) -> Plan:
    """The best level first: who is merged on it is looked at again before the next one."""
    plan = Plan()
    for level in range(1, grouping.rules.merging_level + 1):
        rest = [one for one in profile_ids if one not in plan.waiting]
        found = grouping.components(level, rest)
        different = {id(component): component for component in found.values()}
        bounded = [each for each in different.values() if not each.is_too_large]
        apart = grouping.apart(bounded) if bounded else set()
        for component in bounded:
            for members in mergeable(component, apart):
                plan.add(level, component, members, limit)
    return plan
