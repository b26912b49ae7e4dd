"""What a main profile becomes when others are merged into it (core reference §8.2, §8.6); pure.

Fields are decided one by one, an address as a whole: its lines must not come from two places.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from openprofiles.core.ids import Id
from openprofiles.features.object_types import standard_objects
from openprofiles.features.profiles.merging.receipt import Resolution
from openprofiles.features.profiles.profile import ADDRESSES, ALIAS, Fields, Profile
from openprofiles.features.profiles.provenance import Provenance, Write

_NAMED_AS = {"GenderString": "Gender", "PartyTypeString": "PartyType"}
"""Fields that FieldSourceProfileIds names by the other member of their pair."""

_ATTRIBUTES = "Attributes"


def unite(
    main: Profile, others: Sequence[Profile], resolution: Resolution
) -> tuple[Fields, Provenance]:
    """The fields of the main profile after the merge, and where each came from; changes nothing."""
    profiles = {profile.id: profile for profile in (main, *others)}
    units: dict[str, dict[Id, list[str]]] = {}
    for profile in profiles.values():
        for path in profile.fields:
            units.setdefault(unit_of(path), {}).setdefault(profile.id, []).append(path)
    fields: Fields = {}
    origins: Provenance = {}
    for unit, holders in units.items():
        writes = {
            profile_id: [profiles[profile_id].provenance[path] for path in paths]
            for profile_id, paths in holders.items()
        }
        winner = profiles[_winner(unit, writes, resolution)]
        for path in holders.get(winner.id, ()):
            fields[path] = winner.fields[path]
            origins[path] = winner.provenance[path]
    return fields, origins


def unit_of(path: str) -> str:
    """What is decided together with a field: the address it belongs to, else only itself."""
    member = path.partition(".")[0]
    return member if member in ADDRESSES else path


def _winner(unit: str, writes: Mapping[Id, Sequence[Write]], resolution: Resolution) -> Id:
    """The profile whose value (or lack of one) is taken; `writes` are those behind the values of
    the profiles that have one, the main one first.
    """
    if resolution.model == "CALL":
        return _source_of(unit, resolution.field_sources or {}) or next(iter(writes))
    preferred = resolution.source_name if resolution.model == "SOURCE" else None
    return max(
        writes,
        key=lambda profile_id: max(_rank(write, preferred) for write in writes[profile_id]),
    )


def _rank(write: Write, preferred: str | None) -> tuple[bool, bool, float]:
    """What wins: what a person wrote, then what the preferred type wrote, then the newest."""
    from_preferred = preferred is not None and write.source == preferred
    return write.is_manual, from_preferred, write.effective_time


def _source_of(unit: str, field_sources: Mapping[str, Any]) -> Id | None:
    """The profile that FieldSourceProfileIds names for a field; None when it names none."""
    member, _, rest = unit.partition(".")
    source: Id | None
    if member == _ATTRIBUTES:
        source = (field_sources.get(_ATTRIBUTES) or {}).get(rest)
    else:
        source = field_sources.get(_NAMED_AS.get(unit, unit))
    return source


def source_ids(field_sources: Mapping[str, Any]) -> set[Id]:
    """All profiles that FieldSourceProfileIds names."""
    named = {name: source for name, source in field_sources.items() if name != _ATTRIBUTES}
    return {*named.values(), *(field_sources.get(_ATTRIBUTES) or {}).values()}


def keys_to_keep(main: Profile, others: Sequence[Profile], fields: Fields) -> list[tuple[str, str]]:
    """The key values that a main profile with `fields` must be given so that it is found by all
    that the profiles were found by, the ids of those that go included.
    """
    wanted: dict[tuple[str, str], None] = dict.fromkeys(index_keys(main.fields))
    for profile in others:
        wanted.update(dict.fromkeys(contributed(profile)))
    held = {*index_keys(fields), *main.added_keys}
    return [key for key in wanted if key not in held]


def contributed(profile: Profile) -> list[tuple[str, str]]:
    """The key values by which a profile was found, but for those of its objects and records."""
    return [alias(profile.id), *profile.added_keys, *index_keys(profile.fields)]


def alias(profile_id: Id) -> tuple[str, str]:
    """The key value by which the id of a profile finds it, or the one that it was merged into."""
    return ALIAS, profile_id


def index_keys(fields: Fields) -> list[tuple[str, str]]:
    """The key values that follow from the fields of a profile."""
    return standard_objects.index_keys("_profile", fields)
