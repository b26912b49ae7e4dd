"""Which objects and standard records go where when a merge is taken back; pure.

An object that a merged profile had goes back to it. One that came after the merge goes where its
keys point, as if the merge had never been (core reference §4.3); all others stay.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from openprofiles.core.ids import Id
from openprofiles.features.profiles.merging.receipt import Receipt, RecordImage
from openprofiles.features.profiles.merging.uniting import alias, index_keys
from openprofiles.features.profiles.profile import Fields, Profile
from openprofiles.features.profiles.profile_object import ProfileObject, StandardRecord
from openprofiles.features.profiles.provenance import Provenance
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
    holders: dict[Key, set[Id]] = {key: set(ids) for key, ids in others.items()}

    def hold(profile_id: Id, keys: Iterable[Key]) -> None:
        for key in keys:
            holders.setdefault(key, set()).add(profile_id)

    for profile in (main, *restored):
        hold(profile.id, [alias(profile.id), *profile.added_keys, *index_keys(profile.fields)])
    for item in known:
        hold(parting.objects[feeder_of(item)], item.keys)
    for record in records:
        feeders = [feeder for feeder in record.fed_by if feeder in parting.objects]
        for profile_id in {parting.objects[feeder] for feeder in feeders}:
            hold(profile_id, record_index_keys(record))
    ids = {profile.id for profile in restored}
    for item in new:
        found = _resolve(lookups.get(feeder_of(item), ()), holders)
        target = found if found in ids else main.id
        parting.objects[feeder_of(item)] = target
        hold(target, item.keys)


def _resolve(keys: Iterable[Key], holders: Mapping[Key, set[Id]]) -> Id | None:
    """The only holder of the first key that has one."""
    for key in keys:
        found = holders.get(key, set())
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
