"""The rows that one transaction holds and changes: loaded once, decided on in memory, written once.

A batch of objects is decided one after the other on this state, so that an object sees what those
before it did,
exactly as if each had come alone. The store reads what is `is_new`, `is_changed` and in the change
maps.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from openprofiles.core.ids import Id
from openprofiles.features.object_types import standard_objects
from openprofiles.features.profiles.key import ADDED, FIELDS, HeldKey, RecordKey, object_owner
from openprofiles.features.profiles.profile import Fields, Profile
from openprofiles.features.profiles.profile_object import ProfileObject, StandardRecord
from openprofiles.storage.journal import Entry

HOLDERS_LOADED = 16
"""Profiles read for one key value; a value held by more is ambiguous whatever a batch does."""

T = TypeVar("T")
Key = tuple[str, str]
"""(key name, normalised value)."""

RecordHolding = tuple[str, str, str, Id]
"""(record type, key name, normalised value, profile)."""

OldestObject = Callable[[Id, str, Iterable[bytes]], ProfileObject | None]
"""The oldest stored object of a profile and type that is not among the given unique keys, with its
records loaded.
"""


class Entangled(Exception):
    """The batch changed what it had only partly loaded; it has to be done in smaller pieces."""


@dataclass(slots=True)
class Counts:
    """How much a transaction changes what GetDomain.Stats shows."""

    profiles: int = 0
    metering_profiles: int = 0
    objects: int = 0
    bytes: int = 0


@dataclass(slots=True)
class WorkingSet:
    """Rows by their keys, and the changes to make."""

    profiles: dict[Id, Profile] = field(default_factory=dict)
    objects: dict[bytes, ProfileObject] = field(default_factory=dict)
    records: dict[tuple[str, Id], StandardRecord] = field(default_factory=dict)
    holders: dict[Key, dict[Id, set[Id]]] = field(default_factory=dict)
    record_holders: dict[RecordHolding, dict[Id, set[Id]]] = field(default_factory=dict)

    key_changes: dict[HeldKey, bool] = field(default_factory=dict)
    record_key_changes: dict[RecordKey, bool] = field(default_factory=dict)
    removed_objects: dict[bytes, ProfileObject] = field(default_factory=dict)
    former_objects: list[ProfileObject] = field(default_factory=list)
    """Versions that were replaced before they were written; the history keeps them."""
    keeps_former: bool = True
    """Whether the history keeps the documents of what is replaced or removed."""
    removed_records: set[tuple[str, Id]] = field(default_factory=set)
    removed_profiles: set[Id] = field(default_factory=set)
    counts: Counts = field(default_factory=Counts)
    journal: list[Entry] = field(default_factory=list)
    _crowded_drops: dict[Key, int] = field(default_factory=dict)

    def holders_of(self, key: Key) -> list[Id]:
        """The profiles that hold a key value; beyond HOLDERS_LOADED not all of them."""
        return list(self.holders.get(key, ()))

    def require_profile(self, profile_id: Id) -> Profile:
        """A profile of this transaction; Entangled when it was not loaded for change."""
        profile = self.profiles.get(profile_id)
        if profile is None:
            raise Entangled
        return profile

    def add_profile(self, profile: Profile) -> None:
        """A new profile; its id is a key of it, which stays with whatever profile it is merged
        into.
        """
        profile.is_new = profile.is_changed = True
        self.profiles[profile.id] = profile
        self.counts.profiles += 1
        self.counts.metering_profiles += 1
        self.hold(("_profileId", profile.id), profile.id, FIELDS)

    def remove_profile(self, profile: Profile, items: Iterable[ProfileObject]) -> None:
        """A profile goes for good, with `items`, which must be all its objects, their records and
        all keys.
        """
        for item in items:
            self.detach(profile, item)
            for record_type, record_id in item.records.items():
                self.starve(self.records[record_type, record_id], item)
            self.removed_objects[item.unique_key] = item
        self.set_fields(profile, {})
        self.drop(("_profileId", profile.id), profile.id, FIELDS)
        for key in profile.added_keys:
            self.drop(key, profile.id, ADDED)
        del self.profiles[profile.id]
        self.removed_profiles.add(profile.id)
        self.counts.profiles -= 1
        self.counts.metering_profiles -= 1

    def hold(self, key: Key, profile_id: Id, owner_id: Id) -> None:
        """A profile holds a key value from now on, on behalf of `owner_id`, who had not said so."""
        _note(self.key_changes, (*key, profile_id, owner_id), held=True)
        holders = self.holders.get(key)
        if holders is None:
            self.holders[key] = {profile_id: {owner_id}}
        else:
            holders.setdefault(profile_id, set()).add(owner_id)

    def drop(self, key: Key, profile_id: Id, owner_id: Id) -> None:
        """`owner_id` no longer speaks for a key value; the profile loses it with its last owner."""
        _note(self.key_changes, (*key, profile_id, owner_id), held=False)
        holders = self.holders.get(key)
        if holders is None or profile_id not in holders:
            return
        holders[profile_id].discard(owner_id)
        if not holders[profile_id]:
            if len(holders) >= HOLDERS_LOADED - self._crowded_drops.get(key, 0):
                self._count_crowded_drop(key)
            del holders[profile_id]

    def _count_crowded_drop(self, key: Key) -> None:
        drops = self._crowded_drops.get(key, 0) + 1
        if drops >= HOLDERS_LOADED - 1:
            raise Entangled
        self._crowded_drops[key] = drops

    def set_fields(
        self, profile: Profile, fields: Fields, index_keys: list[Key] | None = None
    ) -> None:
        """Give a profile new standard fields; its index keys (`index_keys` if known) follow."""
        profile.is_changed = True
        if fields == profile.fields:
            return
        before = standard_objects.index_keys("_profile", profile.fields) if profile.fields else []
        after = index_keys or standard_objects.index_keys("_profile", fields)
        for key in before:
            if key not in after:
                self.drop(key, profile.id, FIELDS)
        for key in after:
            if key not in before:
                self.hold(key, profile.id, FIELDS)
        profile.fields = fields
        profile.has_new_fields = True

    def attach(self, profile: Profile, item: ProfileObject) -> None:
        """An object arrives on a profile with its keys."""
        before = profile.metering_count
        profile.object_counts[item.object_type] = profile.object_counts.get(item.object_type, 0) + 1
        profile.object_bytes += item.size
        profile.is_changed = True
        self.counts.metering_profiles += profile.metering_count - before
        self.counts.objects += 1
        self.counts.bytes += item.size
        owner = object_owner(item.unique_key)
        for key in item.keys:
            self.hold(key, profile.id, owner)

    def detach(self, profile: Profile, item: ProfileObject) -> None:
        """An object leaves a profile and takes its keys along."""
        before = profile.metering_count
        left = profile.object_counts[item.object_type] - 1
        if left:
            profile.object_counts[item.object_type] = left
        else:
            del profile.object_counts[item.object_type]
        profile.object_bytes -= item.size
        profile.is_changed = True
        self.counts.metering_profiles += profile.metering_count - before
        self.counts.objects -= 1
        self.counts.bytes -= item.size
        owner = object_owner(item.unique_key)
        for key in item.keys:
            self.drop(key, profile.id, owner)

    def remove_object(self, item: ProfileObject, *, kind: str) -> None:
        """An object goes for good; records that only it fed go with it. Standard fields stay
        (§4.8).
        """
        profile = self.require_profile(item.profile_id)
        self.detach(profile, item)
        for record_type, record_id in item.records.items():
            self.starve(self.records[record_type, record_id], item)
        self.objects.pop(item.unique_key, None)
        self.removed_objects[item.unique_key] = item
        self.journal.append(
            Entry(
                kind=kind,
                profile_id=profile.id,
                subject=f"{item.object_type}/{item.unique_key.hex()}",
                detail={"written_id": item.written_id},
            )
        )

    def starve(self, record: StandardRecord, item: ProfileObject) -> None:
        """A record loses one of the objects that feed it, with the keys that it gave."""
        self.drop_record_keys(record, item)
        self.untie(record, item)

    def untie(self, record: StandardRecord, item: ProfileObject) -> None:
        """An object whose keys are gone from a record no longer feeds it; without any, it goes."""
        record.fed_by = [feeder for feeder in record.fed_by if feeder != feeder_of(item)]
        record.is_changed = True
        if record.fed_by:
            return
        for key in record_index_keys(record):
            self.drop(key, record.profile_id, record.id)
            self.hold_record(record, key, record.id, held=False)
        self.removed_records.add((record.record_type, record.id))
        del self.records[record.record_type, record.id]

    def hold_record(
        self, record: StandardRecord, key: Key, owner_id: Id, *, held: bool = True
    ) -> None:
        """A record holds a key value from now on, or no longer, on behalf of `owner_id`."""
        change = (record.record_type, *key, record.profile_id, record.id, owner_id)
        _note(self.record_key_changes, change, held=held)
        holding = (record.record_type, *key, record.profile_id)
        owners = self.record_holders.setdefault(holding, {}).setdefault(record.id, set())
        if held:
            owners.add(owner_id)
        else:
            owners.discard(owner_id)

    def records_with(self, record_type: str, key: Key, profile_id: Id) -> set[Id]:
        """The records of a profile that hold a key value."""
        holders = self.record_holders.get((record_type, *key, profile_id), {})
        return {record_id for record_id, owners in holders.items() if owners}

    def drop_record_keys(self, record: StandardRecord, item: ProfileObject) -> None:
        """The key values that an object gave a record go."""
        owner = object_owner(item.unique_key)
        for key in item.keys:
            self.hold_record(record, key, owner, held=False)

    def set_record_fields(self, record: StandardRecord, fields: Fields) -> None:
        """Give a record new fields; its index keys on itself and on its profile follow them."""
        is_known = bool(record.fields) or not record.is_new
        before = set(record_index_keys(record)) if is_known else set()
        record.fields = fields
        after = set(record_index_keys(record))
        for key in sorted(before - after):
            self.drop(key, record.profile_id, record.id)
            self.hold_record(record, key, record.id, held=False)
        for key in sorted(after - before):
            self.hold(key, record.profile_id, record.id)
            self.hold_record(record, key, record.id)
        record.is_changed = True

    def move_record(self, record: StandardRecord, profile_id: Id) -> None:
        """A record follows its object to another profile, with its index keys."""
        keys = record_index_keys(record)
        for key in keys:
            self.drop(key, record.profile_id, record.id)
            self.hold_record(record, key, record.id, held=False)
        record.profile_id = profile_id
        record.is_changed = True
        for key in keys:
            self.hold(key, profile_id, record.id)
            self.hold_record(record, key, record.id)


def _note(changes: dict[T, bool], key: T, *, held: bool) -> None:
    """Note that a row is there from now on, or no longer; undoing a change leaves none."""
    if changes.get(key, held) is held:
        changes[key] = held
    else:
        del changes[key]


def record_index_keys(record: StandardRecord) -> list[Key]:
    """The automatic keys of a standard record: its id and what the standard object indexes
    (§5.3).
    """
    id_field = standard_objects.all_objects()[record.record_type].id_field
    return standard_objects.index_keys(record.record_type, {**record.fields, id_field: record.id})


def feeder_of(item: ProfileObject) -> tuple[str, str]:
    """How a record remembers an object that feeds it."""
    return item.object_type, item.unique_key.hex()
