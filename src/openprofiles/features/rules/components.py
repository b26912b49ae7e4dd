"""Profiles that hang together by the values that they share. Pure, but for the function that reads
who shares what.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from openprofiles.core.ids import Id

LARGEST = 10_000
"""A chain of more profiles than this is no match but an accident of bad data."""

READ_AT_ONCE = 100
"""Profiles whose values are read together: each may share many values with many others."""

Holders = Callable[[Sequence[Id]], Iterable[tuple[Id, Sequence[Id]]]]
"""The usable values of profiles with all who share each."""


@dataclass(slots=True)
class Component:
    """Profiles that hang together, and the values that tie them. One that `is_too_large` is known
    in part only.
    """

    profile_ids: set[Id]
    values: dict[Id, Sequence[Id]] = field(default_factory=dict)

    @property
    def is_too_large(self) -> bool:
        return len(self.profile_ids) > LARGEST

    def absorb(self, other: "Component") -> None:
        """Take in what belongs here too."""
        self.profile_ids |= other.profile_ids
        self.values |= other.values


def walk(holders: Holders, seeds: Iterable[Id]) -> dict[Id, Component]:
    """All components that the seeds belong to, by the ids of their profiles.

    The order of the seeds does not matter, nor which of a component's profiles is one. A component
    is no further explored once it is too large.
    """
    found: dict[Id, Component] = {}
    waiting = dict.fromkeys(seeds)
    while waiting:
        batch = [id for id in list(waiting)[:READ_AT_ONCE] if not _is_done(found.get(id))]
        for id in list(waiting)[:READ_AT_ONCE]:
            del waiting[id]
        for value, profile_ids in holders(batch) if batch else ():
            for new in _join(found, value, profile_ids):
                waiting[new] = None
    return found


def _is_done(component: Component | None) -> bool:
    return component is not None and component.is_too_large


def _join(found: dict[Id, Component], value: Id, profile_ids: Sequence[Id]) -> Iterator[Id]:
    """Put all who share a value into one component; yields those not seen before."""
    known = {id(found[one]): found[one] for one in profile_ids if one in found}
    component, *others = sorted(known.values(), key=_size, reverse=True) or [Component(set())]
    if value in component.values:
        return
    for other in others:
        component.absorb(other)
        found.update(dict.fromkeys(other.profile_ids, component))
    component.values[value] = profile_ids
    for one in profile_ids:
        if one not in found:
            yield one
            found[one] = component
    component.profile_ids.update(profile_ids)


def _size(component: Component) -> int:
    return len(component.profile_ids)


def mergeable(component: Component, apart: set[tuple[Id, Id]]) -> list[tuple[Id, ...]]:
    """Sets of profiles of a component that may be merged: tied by values, no pair decided apart.

    Each value, in order, ties those of its holders that nothing keeps apart.
    """
    cluster: dict[Id, set[Id]] = {one: {one} for one in component.profile_ids}
    for value in sorted(component.values):
        ties: list[set[Id]] = []
        for one in sorted(component.values[value]):
            own = cluster[one]
            tie = next((tie for tie in ties if tie is own or not _are_apart(tie, own, apart)), None)
            if tie is None:
                ties.append(own)
            elif tie is not own:
                tie |= own
                cluster.update(dict.fromkeys(own, tie))
    sets = {id(members): members for members in cluster.values() if len(members) > 1}
    return sorted(tuple(sorted(members)) for members in sets.values())


def _are_apart(some: set[Id], others: set[Id], apart: set[tuple[Id, Id]]) -> bool:
    return any(
        (one in some and other in others) or (one in others and other in some)
        for one, other in apart
    )
