"""Which objects and standard records go where when a merge is taken back; pure.

An object that a merged profile had goes back to it. One that came after the merge goes where its
keys point, as if the merge had never been (core reference §4.3); all others stay.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from openprofiles.core.ids import Id
from openprofiles.features.profiles.merging.receipt import Receipt, RecordImage, value_of
from openprofiles.features.profiles.merging.reverting import give, replace_field, written_since
from openprofiles.features.profiles.merging.uniting import alias, index_keys
from openprofiles.features.profiles.profile import Fields, Profile
from openprofiles.features.profiles.profile_object import ProfileObject, StandardRecord
from openprofiles.features.profiles.provenance import Provenance, Write
from openprofiles.features.profiles.working_set import Key, feeder_of, record_index_keys

_HEAD = 16
"""Hex digits of each unique key in `Receipt.main_objects`."""

Feeder = tuple[str, str]
"""(object type, unique key in hex)."""

RecordId = tuple[str, Id]
"""(record type, id)."""


@dataclass(slots=True)
class Parting:
    """Where everything goes that the main profile holds: by object and by record, those that stay
    included, and the records that have to be split because objects on both sides feed them.
    """

    objects: dict[Feeder, Id] = field(default_factory=dict)
    records: dict[RecordId, Id] = field(default_factory=dict)
    splits: list["Split"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Split:
    """A record whose feeders part: those in `parted` get one of their own on `profile_id`."""

    record: StandardRecord
    profile_id: Id
    parted: list[Feeder]


def assign_known(
    receipt: Receipt, later: Sequence[Receipt], items: Iterable[ProfileObject]
) -> tuple[Parting, list[ProfileObject]]:
    """Where the objects go that were there when the profiles merged; and those that came after,
    the oldest first.
    """
    main_id = receipt.main.id
    origins = {
        tuple(known): profile_id
        for profile_id, objects in receipt.objects.items()
        for known in objects
    }
    heads = receipt.main_objects
    of_main = {heads[place : place + _HEAD] for place in range(0, len(heads), _HEAD)}
    of_later = {known for one in later for objects in one.objects.values() for known in objects}
    parting, new = Parting(), []
    for item in items:
        feeder = feeder_of(item)
        if feeder in of_later or (feeder not in origins and feeder[1][:_HEAD] in of_main):
            parting.objects[feeder] = main_id
        elif feeder in origins:
            parting.objects[feeder] = origins[feeder]
        else:
            new.append(item)
    return parting, sorted(new, key=lambda item: item.written_id)


def assign_new(
    parting: Parting,
    receipt: Receipt,
    main: Profile,
    restored: Sequence[Profile],
    new: Sequence[ProfileObject],
    *,
    known: Sequence[ProfileObject],
    records: Sequence[StandardRecord],
    lookups: Mapping[Feeder, Sequence[Key]],
    others: Mapping[Key, set[Id]],
) -> None:
    """Let the objects that came after the merge find their profiles, one after the other.

    `lookups` are the keys of each in the order to try, `others` the further profiles of the domain
    that hold these keys.
    """
    leaving = [item for item in known if parting.objects[feeder_of(item)] != main.id]
    unsettled = {item.unique_key.hex() for item in (*leaving, *new)}
    written: dict[str, dict[str, tuple[Any, Write]]] = {}
    begin = main.copy()
    for path, write in written_since(main, receipt, unsettled).items():
        written.setdefault(write.object_key or "", {})[path] = main.fields[path], write
        replace_field(begin, path, value_of(receipt.main, path))
    profiles = {profile.id: profile for profile in (begin, *(one.copy() for one in restored))}
    world = _World({key: set(ids) for key, ids in others.items()}, profiles)
    for profile in profiles.values():
        world.hold(profile.id, [alias(profile.id), *profile.added_keys])
    for item in known:
        world.hold(parting.objects[feeder_of(item)], item.keys)
    for record in records:
        feeders = [feeder for feeder in record.fed_by if feeder in parting.objects]
        for profile_id in {parting.objects[feeder] for feeder in feeders}:
            world.hold(profile_id, record_index_keys(record))
    for item in leaving:
        world.give(parting.objects[feeder_of(item)], written.get(item.unique_key.hex(), {}))
    for item in new:
        found = world.resolve(lookups.get(feeder_of(item), ())) or main.id
        target = parting.objects[feeder_of(item)] = found if found in profiles else main.id
        world.hold(target, item.keys)
        world.give(target, written.get(item.unique_key.hex(), {}))


@dataclass(slots=True)
class _World:
    """Who holds which key while objects find their profiles; index keys follow the fields."""

    holders: dict[Key, set[Id]]
    profiles: dict[Id, Profile]
    index: dict[Id, set[Key]] = field(init=False)

    def __post_init__(self) -> None:
        self.index = {id: set(index_keys(one.fields)) for id, one in self.profiles.items()}

    def hold(self, profile_id: Id, keys: Iterable[Key]) -> None:
        for key in keys:
            self.holders.setdefault(key, set()).add(profile_id)

    def give(self, target: Id, written: Mapping[str, tuple[Any, Write]]) -> None:
        """Write the fields that an object wrote to the profile that it goes to."""
        if written:
            for path, value in written.items():
                give(self.profiles[target], path, value)
            self.index[target] = set(index_keys(self.profiles[target].fields))

    def resolve(self, keys: Iterable[Key]) -> Id | None:
        """The only holder of the first key that has one."""
        for key in keys:
            found = self.holders.get(key, set()) | {
                profile_id for profile_id, held in self.index.items() if key in held
            }
            if len(found) == 1:
                return next(iter(found))
        return None


def assign_records(parting: Parting, receipt: Receipt, records: Iterable[StandardRecord]) -> None:
    """Records follow the objects that feed them. One that is fed from both sides goes back to the
    profile that had it, or stays; the objects of the other side get a record of their own.
    """
    images = images_of(receipt)
    for record in records:
        targets = dict.fromkeys(parting.objects[feeder] for feeder in record.fed_by)
        known = images.get((record.record_type, record.id))
        homes = [known[0] if known else receipt.main.id, receipt.main.id, *targets]
        home = next(profile_id for profile_id in homes if profile_id in targets)
        parting.records[record.record_type, record.id] = home
        for target in targets:
            if target != home:
                parted = [one for one in record.fed_by if parting.objects[one] == target]
                parting.splits.append(Split(record, target, parted))


def images_of(receipt: Receipt) -> dict[RecordId, tuple[Id, RecordImage]]:
    """The records that moved: the profile that each came from, and how it was."""
    return {
        (image.record_type, image.id): (profile_id, image)
        for profile_id, images in receipt.records.items()
        for image in images
    }


def written_by(record: StandardRecord, feeders: Iterable[Feeder]) -> tuple[Fields, Provenance]:
    """The fields of a record that these objects wrote."""
    keys = {key for _, key in feeders}
    origins = {path: write for path, write in record.provenance.items() if write.object_key in keys}
    return {path: record.fields[path] for path in origins}, origins


def without(
    record: StandardRecord, feeders: Iterable[Feeder], image: RecordImage | None
) -> tuple[Fields, Provenance]:
    """The fields of a record that went back to its owner, as they were before these objects wrote
    them; all fields where no image says how they were.
    """
    fields, origins = dict(record.fields), dict(record.provenance)
    if image is None:
        return fields, origins
    for path in written_by(record, feeders)[0]:
        if path in image.fields:
            fields[path], origins[path] = image.fields[path], image.provenance[path]
        else:
            del fields[path], origins[path]
    return fields, origins
