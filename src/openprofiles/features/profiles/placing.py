"""The decision about one object: which profile it belongs to, and what changes there (core
reference §4.3 to §4.9).

Pure: it works on the rows in a WorkingSet and returns an outcome; nothing is read or written here,
but for the oldest
object of a full profile, which the caller's function finds.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Literal

from msgspec import Struct

from openprofiles.core.ids import Id
from openprofiles.core.operation import Caller
from openprofiles.features.object_types import MappedObject
from openprofiles.features.profiles import provenance
from openprofiles.features.profiles.key import object_owner
from openprofiles.features.profiles.profile import MAX_PROFILE_BYTES, Fields, Profile, is_too_large
from openprofiles.features.profiles.profile_object import (
    Origin,
    ProfileObject,
    StandardRecord,
)
from openprofiles.features.profiles.provenance import Provenance, Write
from openprofiles.features.profiles.working_set import Key, OldestObject, WorkingSet, feeder_of
from openprofiles.storage.journal import Entry

AMBIGUOUS = "All keys of this object are binding to more than one profiles"
NOT_FOUND = "No profile found for the keys of this object"
EVICTED = "The object was evicted for others of its profile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the type, the domain and the settings say about every object of a batch."""

    object_type: str
    allows_profile_creation: bool
    source_priority: int | None
    expires_at: datetime
    max_objects: int
    max_object_bytes: int
    respect_source_time: bool
    object_limits: Callable[[], Mapping[str, int]]


class Incoming(Struct, frozen=True, kw_only=True):
    """One object, mapped, with what must be stored of it.

    `lookups` and `stored` are the keys of `mapped` as pairs. `new_fields` are those of a profile
    that the object makes: what it says and infers; `index_keys` are their automatic keys.
    `origin` is the stored object that goes through the mapping once more, if this is one.
    """

    mapped: MappedObject
    lookups: list[Key]
    stored: list[Key]
    new_fields: Fields
    unique_key: bytes
    document: str
    size: int
    written_id: Id
    caller: Caller | None
    index_keys: list[Key]
    origin: Origin | None = None


class Outcome(Struct, frozen=True):
    """What became of an object. `refused` = it was never accepted (the API answers 400); else it
    was taken and rejected.
    """

    result: Literal["created", "attached", "updated", "rejected"]
    unique_key: bytes | None = None
    profile_id: Id | None = None
    reason: str | None = None
    refused: bool = False


class _Rejected(Exception):
    """The object cannot be placed; the text is the dead-letter reason."""


@dataclass(frozen=True, slots=True)
class Placing:
    """Places the objects of one type, one after the other."""

    working: WorkingSet
    rules: Rules
    now: datetime
    new_id: Callable[[], Id]
    oldest: OldestObject
    arrivals: dict[str, Id] = field(default_factory=dict)
    """Written ids of other objects, by unique key in hex, where the moment alone does not tell
    which of two stored objects came first.
    """

    def place(self, incoming: Incoming) -> Outcome:
        """Decide on one object and change the working set accordingly; a rejected one changes
        nothing.
        """
        try:
            return self._place(incoming)
        except _Rejected as rejection:
            return Outcome("rejected", incoming.unique_key, None, str(rejection))

    def _place(self, incoming: Incoming) -> Outcome:
        mapped, previous = incoming.mapped, self.working.objects.get(incoming.unique_key)
        former = self._former(incoming)
        if former and previous and previous.written_id > incoming.written_id:
            # The objects are one now, and this is its older version.
            self.working.remove_object(former, kind="object.replaced")
            return Outcome("updated", incoming.unique_key, previous.profile_id)
        if previous is not None and previous.document is not None:
            # Put twice in this batch: the database never sees the first version.
            self.working.former_objects.append(previous)
        profile = self._resolve(incoming.lookups)
        creates = profile is None
        if profile is None:
            if not self.rules.allows_profile_creation:
                raise _Rejected(self._reason_for_none(incoming.lookups))
            profile = Profile(self.new_id(), created_at=self.now, written_at=self.now)
        records = self._find_records(profile, mapped, previous)
        write = self._write_of(incoming)
        changes = incoming.new_fields if creates else mapped.fields
        fields = self._accepted(incoming, profile.fields, profile.provenance, changes, write)
        after = {**profile.fields, **fields}
        self._require_room(profile, incoming, previous, after)

        if creates:
            self.working.add_profile(profile)
        keys = self._keys_to_keep(incoming, previous or former, profile, creates=creates)
        ties = self._let_go(previous, profile)
        if previous is None or previous.profile_id != profile.id:
            self._make_room(profile)
        item = self._store(incoming, profile, keys, ties, previous)
        self._feed_records(profile, item, records, incoming, write)
        old = {} if creates else _replaced(profile.fields, fields)
        if fields:
            profile.provenance.update(dict.fromkeys(fields, write))
            known = incoming.index_keys if creates else None
            self.working.set_fields(profile, after, known)
        if incoming.origin is None:
            profile.written_at = self.now
        if former and former.unique_key in self.working.objects:
            self.working.remove_object(former, kind="object.replaced")
        self._record(item, previous, incoming.caller, creates=creates, old=old)
        result: Literal["created", "attached", "updated"] = (
            "attached" if previous is None else "updated"
        )
        return Outcome("created" if creates else result, incoming.unique_key, profile.id)

    def _former(self, incoming: Incoming) -> ProfileObject | None:
        """The stored object that goes through its mapping once more, if it gets another key."""
        origin = incoming.origin
        if origin is None:
            return None
        stored = self.working.objects.get(origin.unique_key)
        if stored is None:
            raise _Rejected(EVICTED)
        return None if origin.unique_key == incoming.unique_key else stored

    def _resolve(self, lookups: list[Key]) -> Profile | None:
        """The profile of the first key, in the order to try, that exactly one profile holds."""
        for lookup in lookups:
            holders = self.working.holders_of(lookup)
            if len(holders) == 1:
                return self.working.require_profile(holders[0])
        return None

    def _reason_for_none(self, lookups: list[Key]) -> str:
        counts = [len(self.working.holders_of(lookup)) for lookup in lookups]
        return AMBIGUOUS if all(count > 1 for count in counts) else NOT_FOUND

    def _find_records(
        self, profile: Profile, mapped: MappedObject, previous: ProfileObject | None
    ) -> dict[str, StandardRecord | None]:
        """For each record type the object feeds, the profile's record with one of its keys; None =
        a new one.
        """
        found: dict[str, StandardRecord | None] = {}
        for record_type in mapped.records:
            holders = [
                self.working.records_with(record_type, (lookup.name, lookup.value), profile.id)
                for lookup in mapped.record_lookups.get(record_type, ())
            ]
            ids = set[Id]().union(*holders)
            if len(ids) > 1:
                tied = previous.records.get(record_type) if previous else None
                ids = {self._choose_record(profile, record_type, list(filter(None, holders)), tied)}
            found[record_type] = self.working.records[record_type, ids.pop()] if ids else None
        return found

    def _choose_record(
        self, profile: Profile, record_type: str, holders: list[set[Id]], tied: Id | None
    ) -> Id:
        """One of several records that the keys of an object name. On a profile that others were
        merged into, two can have the same keys: the one that the object feeds already, else the
        oldest. Anywhere else the keys contradict each other, and the object is rejected.
        """
        common = set.intersection(*holders)
        if not common or not profile.is_merged:
            raise _Rejected(f"The keys of this object are bound to more than one {record_type}")
        return tied if tied in common else min(common)

    def _write_of(self, incoming: Incoming) -> Write:
        source_time = incoming.mapped.source_time
        return Write(
            self.rules.object_type,
            self.rules.source_priority,
            None if source_time is None else source_time.timestamp(),
            self._moment_of(incoming),
            incoming.unique_key.hex(),
        )

    def _accepted(
        self,
        incoming: Incoming,
        current: Fields,
        origins: Provenance,
        changes: Fields,
        write: Write,
    ) -> Fields:
        """Those of `changes` that may be written."""
        if not current:
            return changes
        may_overwrite = provenance.may_overwrite
        if incoming.origin is not None:
            may_overwrite = partial(
                provenance.may_overwrite_later, came_before=partial(self._came_before, incoming)
            )
        return {
            path: value
            for path, value in changes.items()
            if may_overwrite(
                origins.get(path) if path in current else None,
                write,
                respect_source_time=self.rules.respect_source_time,
            )
        }

    def _came_before(self, incoming: Incoming, write: Write) -> bool:
        """Whether a write came before a stored object did."""
        moment = self._moment_of(incoming)
        if write.written_at != moment or write.object_key is None:
            return write.written_at <= moment
        # Objects of one batch came at one moment, in the order of these ids.
        other = self.working.objects.get(bytes.fromhex(write.object_key))
        arrived = other.written_id if other else self.arrivals.get(write.object_key)
        return arrived is None or arrived <= incoming.written_id

    def _moment_of(self, incoming: Incoming) -> float:
        """When an object came."""
        origin = incoming.origin
        return (self.now if origin is None else origin.ingested_at).timestamp()

    def _require_room(
        self, profile: Profile, incoming: Incoming, previous: ProfileObject | None, fields: Fields
    ) -> None:
        replaced = previous.size if previous and previous.profile_id == profile.id else 0
        if profile.object_bytes - replaced + incoming.size > self.rules.max_object_bytes:
            raise _Rejected(
                f"The profile's objects would be larger than {self.rules.max_object_bytes} bytes"
            )
        if is_too_large(fields):
            raise _Rejected(f"The profile would be larger than {MAX_PROFILE_BYTES} bytes")

    def _keys_to_keep(
        self,
        incoming: Incoming,
        previous: ProfileObject | None,
        profile: Profile,
        *,
        creates: bool,
    ) -> list[Key]:
        """The key values the object holds: NEW_ONLY ones if it made the profile, now or when it
        was last put.
        """
        held = previous.keys if previous and previous.profile_id == profile.id else []
        return [
            key
            for key, stored in zip(incoming.stored, incoming.mapped.stored, strict=True)
            if stored.keep == "always" or (stored.keep == "if_created" and (creates or key in held))
        ]

    def _let_go(self, previous: ProfileObject | None, profile: Profile) -> dict[str, Id]:
        """The replaced version of the object leaves its profile; the records that remain tied to
        the object (§4.9).

        A record that only this object feeds follows it to another profile; one that others feed
        too stays with them.
        """
        if previous is None:
            return {}
        former = self.working.require_profile(previous.profile_id)
        self.working.detach(former, previous)
        ties: dict[str, Id] = {}
        for record_type, record_id in previous.records.items():
            record = self.working.records[record_type, record_id]
            if former is not profile and record.fed_by != [feeder_of(previous)]:
                self.working.starve(record, previous)
                continue
            self.working.drop_record_keys(record, previous)
            if former is not profile:
                self.working.move_record(record, profile.id)
            ties[record_type] = record_id
        return ties

    def _make_room(self, profile: Profile) -> None:
        """Evict one object when the profile is full: of the type furthest above its limit, else of
        this type (§4.7).
        """
        if profile.object_count < self.rules.max_objects:
            return
        limits = self.rules.object_limits()
        over = {
            object_type: count - limits[object_type]
            for object_type, count in profile.object_counts.items()
            if count > limits.get(object_type, count)
        }
        counts, own = profile.object_counts, self.rules.object_type
        if over:
            victim_type = max(over, key=lambda name: (over[name], name))
        else:
            victim_type = (
                own if own in counts else max(counts, key=lambda name: (counts[name], name))
            )
        self.working.remove_object(self._oldest(profile, victim_type), kind="object.evicted")

    def _oldest(self, profile: Profile, object_type: str) -> ProfileObject:
        """The oldest object of a type that the profile has, among those in memory and those in the
        database.
        """
        here = [
            item
            for item in self.working.objects.values()
            if item.profile_id == profile.id and item.object_type == object_type
        ]
        known = [item.unique_key for item in here]
        stored = self.oldest(profile.id, object_type, [*known, *self.working.removed_objects])
        candidates = here if stored is None else [*here, stored]
        return min(candidates, key=lambda item: item.written_id)

    def _store(
        self,
        incoming: Incoming,
        profile: Profile,
        keys: list[Key],
        ties: dict[str, Id],
        previous: ProfileObject | None,
    ) -> ProfileObject:
        origin = incoming.origin
        item = ProfileObject(
            object_type=self.rules.object_type,
            unique_key=incoming.unique_key,
            profile_id=profile.id,
            written_id=incoming.written_id,
            size=incoming.size,
            keys=keys,
            records=ties,
            source_time=incoming.mapped.source_time,
            expires_at=origin.expires_at if origin else self.rules.expires_at,
            document=incoming.document,
            ingested_at=origin.ingested_at if origin else None,
            is_written=True,
            is_new=previous is None or previous.is_new,
        )
        self.working.objects[incoming.unique_key] = item
        self.working.attach(profile, item)
        return item

    def _feed_records(
        self,
        profile: Profile,
        item: ProfileObject,
        found: dict[str, StandardRecord | None],
        incoming: Incoming,
        write: Write,
    ) -> None:
        """Write the object's values to its standard records, made where there is none yet."""
        for record_type, values in incoming.mapped.records.items():
            tied_id = item.records.get(record_type)
            tied = None if tied_id is None else self.working.records[record_type, tied_id]
            record = found[record_type] or tied or self._new_record(profile, record_type)
            if tied is not None and tied is not record:
                self.working.untie(tied, item)
            item.records[record_type] = record.id
            if feeder_of(item) not in record.fed_by:
                record.fed_by.append(feeder_of(item))
            fields = self._accepted(incoming, record.fields, record.provenance, values, write)
            record.provenance.update(dict.fromkeys(fields, write))
            self.working.set_record_fields(record, {**record.fields, **fields})
            record.written_id = item.written_id
        owner = object_owner(item.unique_key)
        for record_type, record_id in item.records.items():
            for key in item.keys:
                self.working.hold_record(self.working.records[record_type, record_id], key, owner)

    def _new_record(self, profile: Profile, record_type: str) -> StandardRecord:
        record = StandardRecord(
            record_type,
            self.new_id(),
            profile.id,
            self.new_id(),
            self.now,
            is_new=True,
            is_changed=True,
        )
        self.working.records[record_type, record.id] = record
        return record

    def _record(
        self,
        item: ProfileObject,
        previous: ProfileObject | None,
        caller: Caller | None,
        *,
        creates: bool,
        old: Fields,
    ) -> None:
        # What is not there is false: most objects make a profile or change none.
        detail: dict[str, object] = {"written_id": item.written_id}
        if creates:
            detail["created_profile"] = True
        if previous is not None:
            detail["replaced"] = True
        if old:
            detail["fields_before"] = old
        if previous is not None and previous.profile_id != item.profile_id:
            detail["moved_from"] = previous.profile_id
        self.working.journal.append(
            Entry(
                kind="object.put",
                profile_id=item.profile_id,
                subject=f"{item.object_type}/{item.unique_key.hex()}",
                detail=detail,
                caller=caller,
            )
        )


def _replaced(current: Fields, written: Fields) -> Fields:
    """The values that change when `written` is written; None where there was none."""
    return {
        path: current.get(path)
        for path, value in written.items()
        if path not in current or current[path] != value
    }
