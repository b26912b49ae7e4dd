"""What goes: objects, profiles, and what an object type wrote (core reference §4.8)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from openprofiles.core.ids import Id
from openprofiles.features import domains
from openprofiles.features.context import Context
from openprofiles.features.profiles import loading, merging, store
from openprofiles.features.profiles.profile import Profile
from openprofiles.features.profiles.profile_object import ProfileObject
from openprofiles.features.profiles.working_set import Key, WorkingSet
from openprofiles.storage import locks
from openprofiles.storage.journal import Entry

_BATCH = 1000


def remove_objects(
    context: Context,
    domain: domains.Domain,
    items: Sequence[ProfileObject],
    *,
    kind: str,
    keeps_former: bool = True,
) -> int:
    """Remove stored objects; `kind` says why in the journal (`object.deleted`, `object.expired`).
    How many went. Unless `keeps_former`, the history does not keep their documents.

    Their key values are locked and their profiles too; objects that changed hands or went
    meanwhile stay out.
    """
    keys = {key for item in items for key in item.keys}
    keys |= {("unique", item.unique_key.hex()) for item in items}
    locks.own_keys(context.transaction, domain.id, keys)
    working = WorkingSet(keeps_former=keeps_former)
    loading.load_profiles(context, domain, working, {item.profile_id for item in items})
    current = store.find_objects(
        context.transaction, domain.id, [(item.object_type, item.unique_key) for item in items]
    )
    versions = {item.unique_key: item.written_id for item in items}
    # One that a merge took to another profile meanwhile is new to this call.
    unchanged = [
        item
        for item in current
        if versions[item.unique_key] == item.written_id and item.profile_id in working.profiles
    ]
    loading.load_records(context, domain, working, [], unchanged)
    for item in unchanged:
        working.remove_object(item, kind=kind)
    store.flush(context, domain, working)
    return len(unchanged)


def remove_profiles(
    context: Context,
    domain: domains.Domain,
    profile_ids: Iterable[Id],
    *,
    kind: str,
    unwritten_since: datetime | None = None,
    keeps_former: bool = True,
) -> int:
    """Remove profiles with all that they hold; `kind` says why (`profile.deleted`,
    `profile.expired`). How many went.

    A profile that was written after `unwritten_since`, seen under its lock, stays. Unless
    `keeps_former`, the history keeps neither the documents of their objects nor what they were.
    """
    removed = _remove(
        context,
        domain,
        profile_ids,
        kind=kind,
        unwritten_since=unwritten_since,
        keeps_former=keeps_former,
    )
    return len(removed.profile_ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """What went with profiles: objects (type, unique key), key values, numbers of the rest."""

    profile_ids: list[Id]
    objects: list[tuple[str, bytes]]
    keys: list[Key]
    records: int
    merges: int


def remove_people(
    context: Context, domain: domains.Domain, profile_ids: Iterable[Id], *, kind: str
) -> Removed:
    """Remove profiles with all that they hold, and keep nothing of it for the history."""
    return _remove(
        context, domain, profile_ids, kind=kind, unwritten_since=None, keeps_former=False
    )


def _remove(
    context: Context,
    domain: domains.Domain,
    profile_ids: Iterable[Id],
    *,
    kind: str,
    unwritten_since: datetime | None,
    keeps_former: bool,
) -> Removed:
    working = WorkingSet(keeps_former=keeps_former)
    loading.load_profiles(context, domain, working, profile_ids)
    profiles = [
        profile
        for profile in working.profiles.values()
        if unwritten_since is None or profile.written_at <= unwritten_since
    ]
    items: dict[Id, list[ProfileObject]] = {profile.id: [] for profile in profiles}
    for item in store.list_objects_of(context.transaction, domain.id, items):
        items[item.profile_id].append(item)
    loading.load_records(
        context, domain, working, [], [item for held in items.values() for item in held]
    )
    merges = merging.forget(context, domain, profiles)
    for profile in profiles:
        detail = {"fields": profile.fields} if keeps_former else {}
        working.journal.append(Entry(kind=kind, profile_id=profile.id, detail=detail))
        working.remove_profile(profile, items[profile.id])
    store.flush(context, domain, working)
    held = [(name, value) for name, value, *_ in working.key_changes]
    return Removed(
        profile_ids=[profile.id for profile in profiles],
        objects=[(item.object_type, key) for key, item in working.removed_objects.items()],
        keys=list(dict.fromkeys(held)),
        records=len(working.removed_records),
        merges=merges,
    )


def remove_object_type(context: Context, domain: domains.Domain, object_type: str) -> None:
    """Remove all objects of a type and clear the profile fields whose value came from it.

    The caller owns the domain, so nothing arrives meanwhile. In batches, in one transaction: all
    of it or nothing.
    """
    while items := store.list_objects_by_type(
        context.transaction, domain.id, object_type, limit=_BATCH
    ):
        remove_objects(context, domain, items, kind="object.deleted", keeps_former=False)
    store.delete_former_of_type(context.transaction, domain.id, object_type)
    after: Id | None = None
    while ids := store.list_profiles_written_by(
        context.transaction, domain.id, object_type, after=after, limit=_BATCH
    ):
        _scrub(context, domain, object_type, ids)
        after = ids[-1]
    merging.scrub(context, domain, object_type)


def _scrub(
    context: Context, domain: domains.Domain, object_type: str, profile_ids: Sequence[Id]
) -> None:
    working = WorkingSet()
    loading.load_profiles(context, domain, working, profile_ids)
    for profile in working.profiles.values():
        _scrub_profile(working, profile, object_type)
    store.flush(context, domain, working)


def _scrub_profile(working: WorkingSet, profile: Profile, object_type: str) -> None:
    paths = {path for path, write in profile.provenance.items() if write.source == object_type}
    working.journal.append(
        Entry(
            kind="profile.scrubbed",
            profile_id=profile.id,
            subject=object_type,
            detail={"fields_before": {path: profile.fields[path] for path in sorted(paths)}},
        )
    )
    profile.provenance = {
        path: write for path, write in profile.provenance.items() if path not in paths
    }
    working.set_fields(
        profile, {path: value for path, value in profile.fields.items() if path not in paths}
    )
