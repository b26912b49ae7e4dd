"""What an entry of the journal is in the history of its profile: one record, two, or none."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from openprofiles.core.ids import Id
from openprofiles.storage.journal import Recorded

PROFILE = "_profile"

_OF_PROFILES = {
    "profile.created": "CREATED",
    "profile.updated": "UPDATED",
    "profile.scrubbed": "UPDATED",
    "profile.key_added": "ADDED_PROFILE_KEY",
    "profile.key_deleted": "DELETED_PROFILE_KEY",
    "profile.merged": "MERGED",
    "profile.merge_undone": "UPDATED",
    "profile.merged_away": "DELETED_BY_MERGE",
    "profile.restored": "CREATED",
    "profile.deleted": "DELETED_BY_CUSTOMER",
    "profile.expired": "EXPIRED",
}
_OF_OBJECTS = {
    "object.put": "INGESTED",
    "object.deleted": "DELETED_BY_CUSTOMER",
    "object.expired": "EXPIRED",
    # It made room for others: its time was over, too.
    "object.evicted": "EXPIRED",
}
_OF_ALL = _OF_PROFILES | _OF_OBJECTS

ENDS = ("profile.deleted", "profile.expired", "profile.merged_away")
"""Entries whose detail has the last image of a profile."""


class Action(Struct, frozen=True, kw_only=True):
    """One record of the history."""

    id: Id
    entry: Recorded
    kind: str
    object_type: str
    unique_key: bytes | None = None


def actions_of(entry: Recorded) -> list[Action]:
    """The records that an entry stands for, the latest first."""
    if entry.kind in _OF_PROFILES:
        return [Action(id=entry.id, entry=entry, kind=_OF_ALL[entry.kind], object_type=PROFILE)]
    if entry.kind not in _OF_OBJECTS:
        return []
    object_type, key = split(entry.subject or "")
    action = Action(
        id=entry.id,
        entry=entry,
        kind=_OF_ALL[entry.kind],
        object_type=object_type,
        unique_key=key,
    )
    what = _made_of_profile(entry.detail)
    if what is None:
        return [action]
    return [
        Action(id=_other_id(entry.id), entry=entry, kind=what, object_type=PROFILE),
        action,
    ]


def kinds_for(action: str | None) -> Sequence[str]:
    """The kinds of entries that may stand for records of an action."""
    if action is None:
        return list(_OF_ALL)
    kinds = [kind for kind, known in _OF_ALL.items() if known == action]
    return [*kinds, "object.put"] if action in ("CREATED", "UPDATED") else kinds


def entry_id_of(record_id: Id) -> Id:
    """The entry that a record's id belongs to."""
    return f"{record_id[:12]}7{record_id[13:]}"


def kinds_of_profiles() -> Sequence[str]:
    """The kinds of entries that are about a profile itself."""
    return list(_OF_PROFILES)


def split(subject: str) -> tuple[str, bytes | None]:
    """The object type and the unique key in an entry's subject; an erasure leaves the type."""
    object_type, _, key = subject.partition("/")
    return object_type, bytes.fromhex(key) if key else None


def _made_of_profile(detail: Mapping[str, Any]) -> str | None:
    """What a put was for the profile itself."""
    if detail.get("created_profile"):
        return "CREATED"
    return "UPDATED" if "fields_before" in detail else None


def _other_id(entry_id: Id) -> Id:
    """An id for the second record of an entry: entries have UUIDs of version 7."""
    return f"{entry_id[:12]}8{entry_id[13:]}"
