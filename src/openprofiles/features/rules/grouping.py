"""Match groups, derived from what profiles offer at the moment: nothing about them is stored, so
they cannot be out of date.

On a level, profiles that share a usable value hang together. Such a component is valid unless it
is too large, or people decided all of its profiles apart. A profile belongs to the valid component
of the best level on which it has one; components to which nobody belongs are no groups.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from openprofiles.core.ids import FIRST, Id
from openprofiles.features import domains
from openprofiles.features.context import Context
from openprofiles.features.rules import store
from openprofiles.features.rules.components import Component, walk
from openprofiles.features.rules.match_group import MatchGroup, match_id_of, parse_match_id
from openprofiles.features.rules.rule import Rules, compile_rules
from openprofiles.storage.database import Transaction

VALUES_AT_ONCE = 20
KEYS_SCANNED_AT_ONCE = 200_000
LARGE = 50
MOST_EFFORT = 50_000
"""Profiles looked at for one page, about: beyond, the page is shorter than asked for."""

STEPS_FOR_A_PAGE = 50
MOST_REMEMBERED = 100_000
"""Profiles of large components, each of which has many values that a list comes by."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a list of groups goes on: at a level, at a value."""

    level: int = 1
    value: Id = FIRST


@dataclass(frozen=True, slots=True)
class Page:
    """Some groups, and where to go on after them, None = nowhere. `effort` is how many profiles
    were looked at.
    """

    groups: Sequence[MatchGroup]
    next: Position | None
    effort: int


@dataclass(frozen=True, slots=True)
class Grouping:
    """The groups of a domain whose rules are in force."""

    transaction: Transaction
    edition: store.Edition
    rules: Rules
    large: dict[tuple[int, Id], Component] = field(default_factory=dict)

    def of_profile(self, profile_id: Id) -> MatchGroup | None:
        """The group on the best level of a profile."""
        for level in range(1, len(self.rules.levels) + 1):
            component = self.components(level, [profile_id]).get(profile_id)
            if component is not None and self._valid([component]):
                return _as_group(level, component)
        return None

    def of_match(self, match_id: str) -> MatchGroup | None:
        """The group with an id. The id that it had before it grew names it, too."""
        parsed = parse_match_id(match_id)
        if parsed is None or parsed[0] > len(self.rules.levels):
            return None
        level, value = parsed
        holder = store.find_holder(self.transaction, self.edition, level, value)
        if holder is None:
            return None
        component = self.components(level, [holder]).get(holder)
        if component is None or value not in component.values:
            return None
        kept = self._kept(level, [component])
        return _as_group(level, component) if kept else None

    def page(self, position: Position, *, limit: int) -> Page:
        """The next groups, up to `limit`, in the order of levels and of their smallest values."""
        level = position.level
        values, following = store.list_shared_values(
            self.transaction,
            self.edition,
            level,
            start=position.value,
            limit=min(limit, VALUES_AT_ONCE),
            scan=KEYS_SCANNED_AT_ONCE,
        )
        found, effort = self._walk_on(level, [holder for _, holder in values])
        beginning = [
            (value, found[holder])
            for value, holder in values
            if holder in found and min(found[holder].values) == value
        ]
        kept = self._kept(level, [component for _, component in beginning])
        groups = [
            _as_group(level, component) for _, component in beginning if id(component) in kept
        ]
        if following is not None:
            return Page(groups, Position(level, following), effort)
        more = level < len(self.rules.levels)
        return Page(groups, Position(level + 1) if more else None, effort)

    def _walk_on(self, level: int, profile_ids: Sequence[Id]) -> tuple[dict[Id, Component], int]:
        """The components of profiles, of which large ones are walked once for all pages, and how
        many profiles were looked at.
        """
        known = {one: self.large[level, one] for one in profile_ids if (level, one) in self.large}
        found = self.components(level, [one for one in profile_ids if one not in known])
        if len(self.large) > MOST_REMEMBERED:
            self.large.clear()
        self.large.update(
            ((level, one), component)
            for one, component in found.items()
            if len(component.profile_ids) >= LARGE
        )
        return {**known, **found}, len(found)

    def components(self, level: int, profile_ids: Iterable[Id]) -> dict[Id, Component]:
        """The components of a level that profiles belong to, by the ids of all their profiles."""
        return walk(partial(self._holders, level), profile_ids)

    def apart(self, components: Iterable[Component]) -> set[tuple[Id, Id]]:
        """The pairs of profiles of components that people decided apart."""
        profile_ids = {one for component in components for one in component.profile_ids}
        return store.list_decisions(self.transaction, self.edition.domain_id, sorted(profile_ids))

    def _holders(self, level: int, profile_ids: Sequence[Id]) -> list[tuple[Id, list[Id]]]:
        sent = store.send_holders(self.transaction, self.edition, level, profile_ids)
        return [(value, holders) for value, holders in sent.rows()]

    def _valid(self, components: Iterable[Component]) -> list[Component]:
        bounded = [component for component in components if not component.is_too_large]
        apart = self.apart(bounded) if bounded else set()
        return [component for component in bounded if not _is_all_apart(component, apart)]

    def _kept(self, level: int, components: Iterable[Component]) -> set[int]:
        """Those (by `id`) of different components of a level that are groups: to which at least
        one profile belongs that has no valid component on a better level.
        """
        rest = {
            one: component for component in self._valid(components) for one in component.profile_ids
        }
        for better in range(1, level):
            if not rest:
                break
            found = self.components(better, rest)
            different = {id(component): component for component in found.values()}
            for component in self._valid(different.values()):
                for one in component.profile_ids:
                    rest.pop(one, None)
        return {id(component) for component in rest.values()}


def open_grouping(context: Context, domain: domains.Domain) -> Grouping | None:
    """The groups of a domain; None when its rules are off."""
    rules = compile_rules(domain.configuration)
    state = store.find_state(context.transaction, domain.id) if rules else None
    if rules is None or state is None:
        return None
    return Grouping(context.transaction, store.Edition(domain.id, state.version), rules)


def similar_to_profile(
    context: Context, domain: domains.Domain, profile_id: Id
) -> MatchGroup | None:
    """The group of a profile on its best level; None when it has none, or the rules are off."""
    grouping = open_grouping(context, domain)
    return grouping.of_profile(profile_id) if grouping else None


def group_of_match(context: Context, domain: domains.Domain, match_id: str) -> MatchGroup | None:
    """The group that a match id names; None when there is none any more, or the rules are off."""
    grouping = open_grouping(context, domain)
    return grouping.of_match(match_id) if grouping else None


def all_groups(context: Context, domain: domains.Domain) -> Iterator[MatchGroup]:
    """All groups of a domain, level by level, read as they are needed."""
    grouping = open_grouping(context, domain)
    position: Position | None = Position()
    while grouping is not None and position is not None:
        page = grouping.page(position, limit=VALUES_AT_ONCE)
        yield from page.groups
        position = page.next


def list_groups(
    context: Context, domain: domains.Domain, *, after: str | None, limit: int
) -> tuple[list[MatchGroup], str | None]:
    """Up to `limit` groups after the place that a match id says, and where the next ones begin,
    None when these are the last. It may be fewer, and there may be more: finding them has its
    bounds.
    """
    grouping = open_grouping(context, domain)
    parsed = parse_match_id(after) if after is not None else None
    position: Position | None = Position(*parsed) if parsed else Position()
    found: list[MatchGroup] = []
    effort = steps = 0
    if grouping is None:
        return [], None
    while position and len(found) < limit and effort < MOST_EFFORT and steps < STEPS_FOR_A_PAGE:
        page = grouping.page(position, limit=limit - len(found))
        found += page.groups
        position, effort, steps = page.next, effort + page.effort, steps + 1
    return found, match_id_of(position.level, position.value) if position else None


def _as_group(level: int, component: Component) -> MatchGroup:
    return MatchGroup(
        match_id=match_id_of(level, min(component.values)),
        level=level,
        profile_ids=tuple(sorted(component.profile_ids)),
    )


def _is_all_apart(component: Component, apart: set[tuple[Id, Id]]) -> bool:
    size = len(component.profile_ids)
    if len(apart) < size * (size - 1) // 2:
        return False
    ids = component.profile_ids
    return sum(one in ids and other in ids for one, other in apart) == size * (size - 1) // 2
