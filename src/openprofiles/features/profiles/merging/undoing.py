"""Takes a merge back, or says what that would do (design §6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from openprofiles.core.errors import BadRequest, ResourceNotFound
from openprofiles.core.ids import Id
from openprofiles.features import domains, object_types
from openprofiles.features.context import Context
from openprofiles.features.profiles import store
from openprofiles.features.profiles.key import ADDED, object_owner
from openprofiles.features.profiles.merging import keeping, parting
from openprofiles.features.profiles.merging.parting import Feeder, Parting, Split
from openprofiles.features.profiles.merging.performing import move_record_keys
from openprofiles.features.profiles.merging.receipt import Receipt
from openprofiles.features.profiles.merging.reverting import (
    follow_objects,
    keep_keys,
    restored_keys,
    revert,
)
from openprofiles.features.profiles.profile import Fields, Profile
from openprofiles.features.profiles.profile_object import ProfileObject, StandardRecord
from openprofiles.features.profiles.working_set import Key, WorkingSet, feeder_of
from openprofiles.storage.journal import Entry


@dataclass(frozen=True, slots=True)
class Undo:
    """What taking a merge back does, decided but not done.

    `main` is the main profile as it is, `reverted` as it will be, `restored` are those that come
    back. `parting` says where each of the main profile's `objects` and `records` goes; `later` are
    the receipts of later merges that are changed by it.
    """

    receipt: Receipt
    main: Profile
    reverted: Profile
    restored: list[Profile]
    objects: list[ProfileObject]
    records: list[StandardRecord]
    parting: Parting
    later: list[Receipt]

    def objects_for(self, profile_id: Id) -> list[ProfileObject]:
        """The objects that go to a profile, or stay on the main one."""
        return [
            item for item in self.objects if self.parting.objects[feeder_of(item)] == profile_id
        ]


def plan_undo(context: Context, domain: domains.Domain, merge_id: Id) -> Undo:
    """Decide what taking a merge back would do; changes nothing.

    Raises ResourceNotFound when there is no such merge, BadRequest when it is undone already, or a
    later merge that took the main profile away has to be undone first.
    """
    receipt = keeping.require(context, domain, merge_id)
    if receipt.undone_at is not None:
        raise BadRequest(f"Merge {merge_id} is undone already")
    transaction = context.transaction
    main_id = receipt.main.id
    profiles = store.send_profiles(transaction, domain.id, [main_id])
    objects = store.send_objects_of(transaction, domain.id, main_id)
    records = store.send_records_of(transaction, domain.id, [main_id])
    row = profiles.row()
    if row is None:
        raise _main_is_gone(context, domain, receipt)
    main = store.as_profile(row)
    later = keeping.list_later(context, domain, receipt)
    reverted = revert(main, receipt, later)
    restored = [_restored(image, main, receipt) for image in receipt.merged]
    undo = Undo(
        receipt,
        main,
        reverted,
        restored,
        [store.as_object(row) for row in objects.rows()],
        [store.as_record(row) for row in records.rows()],
        Parting(),
        later,
    )
    _part(context, domain, undo)
    follow_objects(
        reverted,
        receipt,
        later,
        {profile.id: profile for profile in restored},
        {key: target for (_, key), target in undo.parting.objects.items()},
    )
    keep_keys(main, reverted, later)
    for profile in (reverted, *restored):
        _count(profile, undo.objects_for(profile.id))
    for profile in restored:
        _date(context, domain, profile, undo.objects_for(profile.id))
    return undo


def _main_is_gone(context: Context, domain: domains.Domain, receipt: Receipt) -> Exception:
    later = store.find_merge_of(context.transaction, domain.id, receipt.main.id)
    if later is None:
        return ResourceNotFound(f"Merge {receipt.id} not found in domain {domain.name}")
    return BadRequest(
        f"Merge {receipt.id} cannot be undone before merge {later}, which merged its main profile "
        f"{receipt.main.id} into another: undo {later} first"
    )


def _restored(image: Profile, main: Profile, receipt: Receipt) -> Profile:
    profile = image.copy()
    profile.added_keys = restored_keys(image, main, receipt)
    return profile


def _part(context: Context, domain: domains.Domain, undo: Undo) -> None:
    """Say where objects and records go."""
    decided, new = parting.assign_known(undo.receipt, undo.later, undo.objects)
    undo.parting.objects = decided.objects
    if new:
        lookups = _lookups(context, domain, new)
        parting.assign_new(
            undo.parting,
            undo.receipt,
            undo.reverted,
            undo.restored,
            new,
            known=[item for item in undo.objects if feeder_of(item) in decided.objects],
            records=undo.records,
            lookups=lookups,
            others=_other_holders(context, domain, undo.main.id, lookups),
        )
    parting.assign_records(undo.parting, undo.receipt, undo.records)


def _lookups(
    context: Context, domain: domains.Domain, items: Sequence[ProfileObject]
) -> dict[Feeder, list[Key]]:
    """The keys by which objects look for their profile; none of one that fits its type no more."""
    documents = store.find_documents(
        context.transaction, domain.id, [(item.object_type, item.unique_key) for item in items]
    )
    mappings = {
        name: object_types.require_mapping(context, domain, name)
        for name in {item.object_type for item in items}
    }
    lookups: dict[Feeder, list[Key]] = {}
    for item in items:
        document = msgspec.json.decode(documents[feeder_of(item)])
        try:
            mapped = mappings[item.object_type].map(document)
        except object_types.Unmappable:
            continue
        lookups[feeder_of(item)] = [(key.name, key.value) for key in mapped.lookups]
    return lookups


def _other_holders(
    context: Context,
    domain: domains.Domain,
    main_id: Id,
    lookups: Mapping[Feeder, Sequence[Key]],
) -> dict[Key, set[Id]]:
    keys = list(dict.fromkeys(key for each in lookups.values() for key in each))
    holders: dict[Key, set[Id]] = {}
    for name, value, profile_id, _ in store.send_holders(
        context.transaction, domain.id, keys
    ).rows():
        if profile_id != main_id:
            holders.setdefault((name, value), set()).add(profile_id)
    return holders


def _count(profile: Profile, items: Sequence[ProfileObject]) -> None:
    profile.object_counts = {}
    for item in items:
        count = profile.object_counts.get(item.object_type, 0)
        profile.object_counts[item.object_type] = count + 1
    profile.object_bytes = sum(item.size for item in items)


def _date(
    context: Context, domain: domains.Domain, profile: Profile, items: Sequence[ProfileObject]
) -> None:
    """A profile was last written when its newest object was; one that would have expired by now
    counts as written by whoever brings it back.
    """
    # The id of a write begins with its time in milliseconds (core/ids.py).
    newest = max((int(item.written_id[:12], 16) for item in items), default=0)
    written_at = max(profile.written_at, datetime.fromtimestamp(newest / 1000, UTC))
    if written_at + timedelta(days=domain.default_expiration_days) <= context.now:
        written_at = context.now
    profile.written_at = written_at


def undo_merge(context: Context, domain: domains.Domain, merge_id: Id) -> Undo:
    """Take a merge back: the merged profiles are there again under their ids, with what was theirs
    and what came for them since; the main profile keeps what was written to it since.

    The caller owns the domain, so nothing moves meanwhile. Raises as plan_undo does.
    """
    undo = plan_undo(context, domain, merge_id)
    store.turn_if_turning(context.transaction, domain.id, [undo.main.id])
    former = undo.main.fields
    _split_records(context, domain, undo)
    working = WorkingSet()
    _move(context, domain, working, undo)
    _replace_main(working, undo)
    for profile in undo.restored:
        _bring_back(working, profile)
    _record(working, undo, former)
    keeping.settle(context, domain, undo.receipt, undo.later)
    store.flush(context, domain, working)
    return undo


def _split_records(context: Context, domain: domains.Domain, undo: Undo) -> None:
    """Give objects that part from a record one of their own, while all is on the main profile."""
    splits = undo.parting.splits
    if not splits:
        return
    items = {feeder_of(item): item for item in undo.objects}
    images = parting.images_of(undo.receipt)
    working = WorkingSet()
    for split in splits:
        record = split.record
        working.records[record.record_type, record.id] = record
        own = _own_record(context, working, split, items)
        undo.records.append(own)
        undo.parting.records[own.record_type, own.id] = split.profile_id
        owner, image = images.get((record.record_type, record.id), (None, None))
        home = undo.parting.records[record.record_type, record.id]
        fields, origins = parting.without(record, split.parted, image if owner == home else None)
        record.fed_by = [feeder for feeder in record.fed_by if feeder not in split.parted]
        record.provenance = origins
        working.set_record_fields(record, fields)
    parted = {feeder: items[feeder].records for split in splits for feeder in split.parted}
    store.tie_objects(context.transaction, domain.id, parted)
    store.flush(context, domain, working)


def _own_record(
    context: Context,
    working: WorkingSet,
    split: Split,
    items: Mapping[Feeder, ProfileObject],
) -> StandardRecord:
    """A record with what the parted objects wrote, which they feed from now on."""
    record = split.record
    fields, origins = parting.written_by(record, split.parted)
    own = StandardRecord(
        record.record_type,
        context.ordered_id(),
        record.profile_id,
        record.written_id,
        context.now,
        provenance=origins,
        fed_by=split.parted,
        is_new=True,
    )
    working.records[own.record_type, own.id] = own
    working.set_record_fields(own, fields)
    for feeder in split.parted:
        item = items[feeder]
        item.records[record.record_type] = own.id
        owner = object_owner(item.unique_key)
        for key in item.keys:
            working.hold_record(record, key, owner, held=False)
            working.hold_record(own, key, owner)
    return own


def _move(context: Context, domain: domains.Domain, working: WorkingSet, undo: Undo) -> None:
    """Objects and records leave the main profile, with the keys that they hold."""
    main_id = undo.main.id
    moves = [
        (*feeder, target) for feeder, target in undo.parting.objects.items() if target != main_id
    ]
    if moves:
        store.move_objects(context.transaction, domain.id, moves)
    records = [
        (record, home)
        for record in undo.records
        if (home := undo.parting.records[record.record_type, record.id]) != main_id
    ]
    store.move_records(
        context.transaction,
        domain.id,
        [(record.record_type, record.id, home) for record, home in records],
    )
    for record, home in records:
        move_record_keys(working, record, home)


def _replace_main(working: WorkingSet, undo: Undo) -> None:
    """The main profile becomes what it is without the merge."""
    main, reverted = undo.main, undo.reverted
    working.profiles[main.id] = main
    working.counts.metering_profiles += reverted.metering_count - main.metering_count
    for key in main.added_keys:
        if key not in reverted.added_keys:
            working.drop(key, main.id, ADDED)
    for key in reverted.added_keys:
        if key not in main.added_keys:
            working.hold(key, main.id, ADDED)
    main.added_keys = reverted.added_keys
    main.object_counts, main.object_bytes = reverted.object_counts, reverted.object_bytes
    main.provenance, main.written_at = reverted.provenance, reverted.written_at
    working.set_fields(main, reverted.fields)


def _bring_back(working: WorkingSet, profile: Profile) -> None:
    fields, profile.fields = profile.fields, {}
    working.add_profile(profile)
    working.counts.metering_profiles += profile.metering_count - 1
    for key in profile.added_keys:
        working.hold(key, profile.id, ADDED)
    working.set_fields(profile, fields)


def _record(working: WorkingSet, undo: Undo, former: Fields) -> None:
    restored_ids = [profile.id for profile in undo.restored]
    fields_before = {
        path: former.get(path)
        for path in {**former, **undo.reverted.fields}
        if former.get(path) != undo.reverted.fields.get(path)
    }
    working.journal.append(
        Entry(
            kind="profile.merge_undone",
            profile_id=undo.main.id,
            subject=undo.receipt.id,
            detail={"restored_ids": restored_ids, "fields_before": fields_before},
        )
    )
    for profile_id in restored_ids:
        working.journal.append(
            Entry(
                kind="profile.restored",
                profile_id=profile_id,
                subject=undo.receipt.id,
                detail={"main_id": undo.main.id},
            )
        )
