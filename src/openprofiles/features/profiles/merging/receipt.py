"""What a merge is: how conflicts are decided, who or what wanted it, and the receipt it leaves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from openprofiles.core.ids import Id
from openprofiles.features.profiles import provenance
from openprofiles.features.profiles.profile import Fields, Profile
from openprofiles.features.profiles.provenance import Provenance, Write


@dataclass(frozen=True, slots=True)
class Resolution:
    """Which value wins where profiles differ (core reference §8.2, §8.6).

    `RECENCY`: the newest. `SOURCE`: the newest that came from the object type `source_name`, else
    as RECENCY. `CALL`: the main profile's, unless `field_sources` (FieldSourceProfileIds) names
    the profile that it is taken from.
    """

    model: Literal["RECENCY", "SOURCE", "CALL"]
    source_name: str | None = None
    field_sources: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class MergeCause:
    """Who or what wanted a merge; `detail` has the rule level, or job, model, score, evidence.

    A `review` is the merge of a match by somebody who looked at it.
    """

    kind: Literal["call", "review", "rule", "matching"]
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def is_asked(self) -> bool:
        """Whether somebody asked for it, who is told what does not go."""
        return self.kind in ("call", "review")


@dataclass(frozen=True, slots=True)
class Merge:
    """A merge that was done. `lost` has the values that lost: field -> profile -> value."""

    id: Id
    main_id: Id
    merged_ids: tuple[Id, ...]
    lost: dict[str, dict[Id, Any]]


Value = tuple[Any, Write] | None
"""A field's value with the write that it came from; None = the field has none."""


@dataclass(slots=True, kw_only=True)
class Receipt:
    """One merge as it is kept: what was there before, what it changed, what moved.

    `main` and `merged` are the profiles as they were. `changed` has the fields of the main profile
    that the merge changed, with what they became; `added_keys` the keys that it gave the main
    profile, `written_at` the time of the last write that it then had. `objects` are those that
    moved, by the profile they came from: (object type, unique key in hex); `keys` what these held,
    `records` their standard records as they were. `main_objects` is made of the heads of the
    unique keys of the objects that the main profile had itself, 16 hex digits each.
    """

    id: Id
    main: Profile
    merged: list[Profile]
    merged_at: datetime
    cause: MergeCause
    resolution: Resolution
    principal: str
    request_id: str
    changed: dict[str, Value]
    added_keys: list[tuple[str, str]]
    written_at: datetime
    objects: dict[Id, list[tuple[str, str]]] = field(default_factory=dict)
    keys: dict[Id, list[tuple[str, str]]] = field(default_factory=dict)
    records: dict[Id, list["RecordImage"]] = field(default_factory=dict)
    main_objects: str = ""
    undone_at: datetime | None = None
    undone_by: str | None = None

    def values(self, path: str) -> dict[Id, Any]:
        """What the profiles had in a field, by profile."""
        return {
            profile.id: profile.fields[path]
            for profile in (self.main, *self.merged)
            if path in profile.fields
        }

    def outcome(self, path: str) -> Value:
        """What the main profile had in a field when the merge was done."""
        return self.changed[path] if path in self.changed else value_of(self.main, path)

    def paths(self) -> list[str]:
        """All fields that any of the profiles had."""
        return sorted({path for profile in (self.main, *self.merged) for path in profile.fields})

    def lost(self) -> dict[str, dict[Id, Any]]:
        """The values that the main profile did not get: field -> profile -> value."""
        lost: dict[str, dict[Id, Any]] = {}
        for path in self.paths():
            won = self.outcome(path)
            losers = {
                profile_id: value
                for profile_id, value in self.values(path).items()
                if won is None or value != won[0]
            }
            if losers:
                lost[path] = losers
        return lost


@dataclass(frozen=True, slots=True)
class RecordImage:
    """A standard record as it was when it moved."""

    record_type: str
    id: Id
    fields: Fields
    provenance: Provenance


def value_of(profile: Profile, path: str) -> Value:
    """A field of a profile with the write it came from; None when it has no value."""
    if path not in profile.fields:
        return None
    return profile.fields[path], profile.provenance[path]


def changes(before: Profile, fields: Fields, origins: Provenance) -> dict[str, Value]:
    """The fields in which `fields` differ from those of a profile, value or origin."""
    changed: dict[str, Value] = {}
    for path in {**before.fields, **fields}:
        now = (fields[path], origins[path]) if path in fields else None
        if now != value_of(before, path):
            changed[path] = now
    return changed


def image(profile: Profile) -> dict[str, Any]:
    """A profile as JSON."""
    return {
        "id": profile.id,
        "created_at": profile.created_at.isoformat(),
        "written_at": profile.written_at.isoformat(),
        "fields": profile.fields,
        "provenance": provenance.encode(profile.provenance),
        "added_keys": profile.added_keys,
        "object_counts": profile.object_counts,
        "object_bytes": profile.object_bytes,
    }


def profile_from(stored: Mapping[str, Any]) -> Profile:
    """The profile behind its image."""
    return Profile(
        stored["id"],
        datetime.fromisoformat(stored["created_at"]),
        datetime.fromisoformat(stored["written_at"]),
        dict(stored["fields"]),
        provenance.decode(stored["provenance"], stored["fields"]),
        pairs(stored["added_keys"]),
        dict(stored["object_counts"]),
        stored["object_bytes"],
    )


def encode_changes(changed: Mapping[str, Value]) -> dict[str, Any]:
    """`Receipt.changed` as JSON."""
    return {
        path: None if value is None else [value[0], provenance.encode({path: value[1]})["writes"]]
        for path, value in changed.items()
    }


def decode_changes(stored: Mapping[str, Any]) -> dict[str, Value]:
    """`Receipt.changed` behind its JSON."""
    return {
        path: None if given is None else (given[0], Write(*given[1][0]))
        for path, given in stored.items()
    }


def pairs(stored: Sequence[Sequence[str]]) -> list[tuple[str, str]]:
    """Pairs of texts from JSON, which has lists of two."""
    return [(one, other) for one, other in stored]
