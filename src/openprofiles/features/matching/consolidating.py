"""Which profiles of a match group become one: consolidation criteria in their order (core reference
§8.2); pure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openprofiles.core.ids import Id
from openprofiles.features import profiles

Criterion = Sequence[str]
"""Names of attributes, all of which must be there and equal."""

Pair = tuple[Id, Id]
"""Two ids, the smaller one first."""

_KEPT_AS = {"Gender": "GenderString", "PartyType": "PartyTypeString"}
"""Members that are kept under the other name of their pair."""


@dataclass(frozen=True, slots=True)
class Person:
    """A profile, and the ids of all profiles that it stands for."""

    profile: profiles.Profile
    ids: frozenset[Id]


@dataclass(frozen=True, slots=True)
class Consolidation:
    """Profiles that become one by a criterion (counted from 1); `agreeing` are the values that they
    share, `conflicts` those they differ in: field -> profile -> value.
    """

    main_id: Id
    merged_ids: tuple[Id, ...]
    criterion: int
    agreeing: dict[str, Any]
    conflicts: dict[str, dict[Id, Any]]


def person_of(profile: profiles.Profile) -> Person:
    """A profile with the ids of those that were merged into it before."""
    merged = {value for name, value in profile.added_keys if name == profiles.ALIAS}
    return Person(profile, frozenset({profile.id, *merged}))


def consolidate(
    group: Iterable[profiles.Profile],
    criteria: Sequence[Criterion],
    resolution: profiles.Resolution,
    apart: frozenset[Pair] = frozenset(),
) -> list[Consolidation]:
    """The merges of a group in their order, of which none brings together a pair in `apart`.

    Each criterion works on what the one before it has made.
    """
    people = [person_of(profile) for profile in group]
    found: list[Consolidation] = []
    for number, criterion in enumerate(criteria, 1):
        for values, some in _equal(people, criterion).items():
            for tie in _ties(some, apart):
                if len(tie) < 2:
                    continue
                one = _joined(tie, resolution)
                agreeing = dict(zip(criterion, values, strict=True))
                found.append(_consolidation(tie, number, agreeing))
                people = [person for person in people if not person.ids <= one.ids]
                people.append(one)
    return found


def _equal(people: Sequence[Person], criterion: Criterion) -> dict[tuple[Any, ...], list[Person]]:
    """People by their values; who lacks one is left out."""
    equal: dict[tuple[Any, ...], list[Person]] = {}
    for person in people:
        fields = person.profile.fields
        values = tuple(fields.get(_KEPT_AS.get(name, name)) for name in criterion)
        if all(values):
            equal.setdefault(values, []).append(person)
    return equal


def _ties(people: Sequence[Person], apart: frozenset[Pair]) -> list[list[Person]]:
    """People in sets that nothing keeps apart, the main profile of each first."""
    ordered = sorted(people, key=_rank)
    if not apart:
        return [ordered]
    ties: list[list[Person]] = []
    for person in ordered:
        fitting = (tie for tie in ties if not any(are_apart(one, person, apart) for one in tie))
        tie = next(fitting, None)
        if tie is None:
            ties.append([person])
        else:
            tie.append(person)
    return ties


def are_apart(one: Person, other: Person, apart: frozenset[Pair]) -> bool:
    """Whether somebody decided that two people are not the same."""
    return any(
        (min(mine, theirs), max(mine, theirs)) in apart for mine in one.ids for theirs in other.ids
    )


def _rank(person: Person) -> tuple[Any, ...]:
    """The main profile is the one with the most objects, then the oldest: as `choose_main` has
    it.
    """
    profile = person.profile
    return -profile.object_count, profile.created_at, profile.id


def _joined(tie: Sequence[Person], resolution: profiles.Resolution) -> Person:
    """What a tie becomes."""
    main, *others = (person.profile for person in tie)
    fields, origins = profiles.unite(main, others, resolution)
    whole = main.copy()
    whole.fields, whole.provenance = fields, origins
    for other in others:
        for object_type, count in other.object_counts.items():
            whole.object_counts[object_type] = whole.object_counts.get(object_type, 0) + count
    ids = frozenset[Id]().union(*(person.ids for person in tie))
    return Person(whole, ids)


def _consolidation(
    tie: Sequence[Person], criterion: int, agreeing: Mapping[str, Any]
) -> Consolidation:
    main, *others = (person.profile for person in tie)
    held: dict[str, dict[Id, Any]] = {}
    for profile in (main, *others):
        for path, value in profile.fields.items():
            held.setdefault(path, {})[profile.id] = value
    conflicts = {
        path: values
        for path, values in held.items()
        if any(value != next(iter(values.values())) for value in values.values())
    }
    merged_ids = tuple(other.id for other in others)
    return Consolidation(main.id, merged_ids, criterion, dict(agreeing), conflicts)
