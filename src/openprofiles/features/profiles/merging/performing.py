"""Merges profiles: one transaction, few statements, whatever they hold (core reference §8.6)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from openprofiles.core.errors import BadRequest, ResourceNotFound
from openprofiles.core.ids import Id
from openprofiles.features import domains
from openprofiles.features.context import Context
from openprofiles.features.profiles import store
from openprofiles.features.profiles.key import ADDED, FIELDS
from openprofiles.features.profiles.merging import keeping
from openprofiles.features.profiles.merging.receipt import (
    Merge,
    MergeCause,
    Receipt,
    RecordImage,
    Resolution,
    changes,
)
from openprofiles.features.profiles.merging.uniting import (
    alias,
    keys_to_keep,
    source_ids,
    unite,
)
from openprofiles.features.profiles.profile import MAX_PROFILE_BYTES, Fields, Profile, is_too_large
from openprofiles.features.profiles.profile_object import StandardRecord
from openprofiles.features.profiles.provenance import Provenance
from openprofiles.features.profiles.working_set import WorkingSet, record_index_keys
from openprofiles.storage import journal
from openprofiles.storage.journal import Entry


def merge(
    context: Context,
    domain: domains.Domain,
    main_id: Id,
    merged_ids: Iterable[Id],
    *,
    resolution: Resolution,
    cause: MergeCause,
) -> Merge | None:
    """Merge profiles into one: their fields, keys, objects and standard records become those of
    the main profile, by whose keys and id all of them are found from now on.

    The caller holds the domain's shared lock. Who asks for a profile that is gone is answered with
    ResourceNotFound, against a rule with BadRequest. A rule or a matching run merges what is left
    (into the one with the most objects if the main profile is gone), or nothing: None.

    One merge is a transaction: locks of further profiles would be taken out of order.
    """
    wanted = list(dict.fromkeys((main_id, *merged_ids)))
    loaded = _load(context, domain, wanted)
    working, main = loaded.working, loaded.main
    if cause.is_asked:
        require_all(domain, wanted, working.profiles)
        require_sources(resolution, wanted)
    if main is None or len(working.profiles) < 2:
        return None
    others = [
        working.profiles[profile_id]
        for profile_id in wanted
        if profile_id in working.profiles and profile_id != main.id
    ]
    fields, origins = unite(main, others, resolution)
    if is_too_large(fields):
        _refuse(context, domain, main, others, cause)
        return None
    records = [record for record in loaded.records if record.profile_id != main.id]
    receipt = _receipt(context, main, others, resolution, cause, (fields, origins), records)
    keeping.keep(context, domain, receipt)
    _move(context, domain, working, main, others, records)
    _change(working, main, others, (fields, origins), receipt)
    _record(working, receipt)
    store.flush(context, domain, working)
    return Merge(receipt.id, main.id, tuple(other.id for other in others), receipt.lost())


def choose_main(context: Context, domain: domains.Domain, profile_ids: Iterable[Id]) -> Id:
    """Which of these profiles the others should be merged into: that with the most objects, among
    equals the oldest. ResourceNotFound when none is there.
    """
    found = store.find_main(context.transaction, domain.id, list(profile_ids))
    if found is None:
        raise ResourceNotFound(f"None of these profiles is in domain {domain.name}")
    return found


def read_fields(
    context: Context, domain: domains.Domain, profile_ids: Iterable[Id]
) -> dict[Id, Fields]:
    """The flat fields of those of these profiles that are there."""
    return store.find_fields(context.transaction, domain.id, list(profile_ids))


def list_parted(
    context: Context, domain: domains.Domain, profile_ids: Iterable[Id]
) -> set[tuple[Id, Id]]:
    """Pairs of profiles of which one is among these and whose merge was undone, the smaller id
    first: what is merged by itself should leave them apart.
    """
    found = store.list_parted(context.transaction, domain.id, list(profile_ids))
    return {
        (min(main_id, merged_id), max(main_id, merged_id))
        for main_id, merged_ids in found
        for merged_id in merged_ids
    }


@dataclass(frozen=True, slots=True)
class _Loaded:
    working: WorkingSet
    main: Profile | None
    records: list[StandardRecord]


def _load(context: Context, domain: domains.Domain, wanted: Sequence[Id]) -> _Loaded:
    """Lock and read the profiles that are left, and their standard records, in one round trip."""
    transaction = context.transaction
    profiles = store.send_profiles_for_update(transaction, domain.id, wanted)
    records = store.send_records_of(transaction, domain.id, wanted)
    working = WorkingSet()
    working.profiles = {profile.id: profile for profile in map(store.as_profile, profiles.rows())}
    main = working.profiles.get(wanted[0]) or min(
        working.profiles.values(),
        key=lambda profile: (-profile.object_count, profile.created_at, profile.id),
        default=None,
    )
    return _Loaded(working, main, [store.as_record(row) for row in records.rows()])


def require_all(domain: domains.Domain, wanted: Sequence[Id], found: Iterable[Id]) -> None:
    """Pass when all profiles wanted were found; ResourceNotFound names one that was not."""
    for profile_id in wanted:
        if profile_id not in found:
            raise ResourceNotFound(f"Profile {profile_id} not found in domain {domain.name}")


def require_sources(resolution: Resolution, wanted: Sequence[Id]) -> None:
    """Pass when FieldSourceProfileIds names only profiles that are merged; BadRequest otherwise."""
    for profile_id in source_ids(resolution.field_sources or {}):
        if profile_id not in wanted:
            raise BadRequest(
                f"FieldSourceProfileIds names profile {profile_id}, which is none of the merged"
            )


def _refuse(
    context: Context,
    domain: domains.Domain,
    main: Profile,
    others: Sequence[Profile],
    cause: MergeCause,
) -> None:
    """A merge that would make a profile larger than one may be: an error for who asked for it, a
    note for others.

    Raises BadRequest.
    """
    reason = f"The merged profile would be larger than {MAX_PROFILE_BYTES} bytes"
    if cause.is_asked:
        raise BadRequest(reason)
    skipped = Entry(
        kind="profile.merge_skipped",
        profile_id=main.id,
        detail={"merged_ids": [other.id for other in others], "reason": reason},
    )
    journal.append(
        context.transaction, domain.id, [skipped], caller=context.caller, now=context.now
    )


def _receipt(
    context: Context,
    main: Profile,
    others: list[Profile],
    resolution: Resolution,
    cause: MergeCause,
    united: tuple[Fields, Provenance],
    records: Sequence[StandardRecord],
) -> Receipt:
    fields, origins = united
    images: dict[Id, list[RecordImage]] = {}
    for record in records:
        images.setdefault(record.profile_id, []).append(
            RecordImage(record.record_type, record.id, record.fields, record.provenance)
        )
    return Receipt(
        id=context.ordered_id(),
        main=main.copy(),
        merged=[other.copy() for other in others],
        merged_at=context.now,
        cause=cause,
        resolution=resolution,
        principal=context.caller.principal,
        request_id=context.caller.request_id,
        changed=changes(main, fields, origins),
        added_keys=keys_to_keep(main, others, fields),
        written_at=max(profile.written_at for profile in (main, *others)),
        records=images,
    )


def _move(
    context: Context,
    domain: domains.Domain,
    working: WorkingSet,
    main: Profile,
    others: Sequence[Profile],
    records: Sequence[StandardRecord],
) -> None:
    """Objects and records go to the main profile, with the keys that they hold."""
    transaction = context.transaction
    if any(other.object_count for other in others):
        store.move_all_objects(
            transaction, domain.id, main_id=main.id, merged_ids=[other.id for other in others]
        )
    store.move_records(
        transaction, domain.id, [(record.record_type, record.id, main.id) for record in records]
    )
    for record in records:
        move_record_keys(working, record, main.id)


def move_record_keys(working: WorkingSet, record: StandardRecord, profile_id: Id) -> None:
    """The index keys of a record go to another profile; its row is moved by `store.move_records`,
    which leaves the rest of it as it is.
    """
    keys = record_index_keys(record)
    for key in keys:
        working.drop(key, record.profile_id, record.id)
        working.hold_record(record, key, record.id, held=False)
    record.profile_id = profile_id
    for key in keys:
        working.hold(key, profile_id, record.id)
        working.hold_record(record, key, record.id)


def _change(
    working: WorkingSet,
    main: Profile,
    others: Sequence[Profile],
    united: tuple[Fields, Provenance],
    receipt: Receipt,
) -> None:
    """The main profile becomes what it is to be, the others go."""
    fields, origins = united
    counts = working.counts
    counts.metering_profiles -= main.metering_count
    for other in others:
        counts.profiles -= 1
        counts.metering_profiles -= other.metering_count
        for object_type, count in other.object_counts.items():
            main.object_counts[object_type] = main.object_counts.get(object_type, 0) + count
        main.object_bytes += other.object_bytes
        working.set_fields(other, {})
        working.drop(alias(other.id), other.id, FIELDS)
        for key in other.added_keys:
            working.drop(key, other.id, ADDED)
        del working.profiles[other.id]
        working.removed_profiles.add(other.id)
    counts.metering_profiles += main.metering_count
    for key in receipt.added_keys:
        working.hold(key, main.id, ADDED)
    main.added_keys = [*main.added_keys, *receipt.added_keys]
    main.provenance = origins
    main.written_at = receipt.written_at
    working.set_fields(main, fields)


def _record(working: WorkingSet, receipt: Receipt) -> None:
    merged_ids = [other.id for other in receipt.merged]
    detail = {
        "merged_ids": merged_ids,
        "cause": receipt.cause.kind,
        "fields_before": {path: receipt.main.fields.get(path) for path in receipt.changed},
    }
    working.journal.append(
        Entry(
            kind="profile.merged",
            profile_id=receipt.main.id,
            subject=receipt.id,
            detail=detail,
        )
    )
    for merged in receipt.merged:
        working.journal.append(
            Entry(
                kind="profile.merged_away",
                profile_id=merged.id,
                subject=receipt.id,
                detail={"main_id": receipt.main.id, "fields": merged.fields},
            )
        )
