"""Reads what a batch can touch into a WorkingSet: two round trips, whatever its size.

First the batch takes the locks of all key values that it looks up or may write, and learns who
holds them; then it locks and reads the profiles that can be meant, and the records that its keys
name.
"""

from collections.abc import Iterable, Sequence

from openprofiles.core.ids import Id
from openprofiles.features import domains
from openprofiles.features.context import Context
from openprofiles.features.profiles import store
from openprofiles.features.profiles.placing import Incoming
from openprofiles.features.profiles.profile_object import ProfileObject
from openprofiles.features.profiles.working_set import Key, OldestObject, WorkingSet
from openprofiles.storage import locks
from openprofiles.storage.database import ChangedMeanwhile, Row

_FULL_NAME = "_fullName"


def load(
    context: Context,
    domain: domains.Domain,
    object_type: str,
    batch: Sequence[Incoming],
    *,
    writes: bool = True,
) -> WorkingSet:
    """Lock and read everything that placing `batch` needs; without `writes` only read it.

    Raises ChangedMeanwhile when a deletion or a merge took a profile away between the two round
    trips.
    """
    transaction = context.transaction
    lookups, touched = _keys_of(batch)
    if writes:
        locks.own_keys(transaction, domain.id, touched)
    by_key = store.send_holders(transaction, domain.id, lookups)
    unique_keys = _unique_keys(batch)
    by_unique = store.send_objects(transaction, domain.id, object_type, unique_keys)
    working = WorkingSet()
    for name, value, profile_id, owners in by_key.rows():
        working.holders.setdefault((name, value), {})[profile_id] = set(owners)
    found = [store.as_object(row) for row in by_unique.rows()]
    needed = _sole_holders(working) | {item.profile_id for item in found}
    if not load_profiles(context, domain, working, needed, writes=writes):
        raise ChangedMeanwhile
    _load_objects(context, domain, object_type, working, found)
    _require_unchanged(working, batch)
    load_records(context, domain, working, _record_lookups(batch), working.objects.values())
    return working


def _unique_keys(batch: Sequence[Incoming]) -> list[bytes]:
    """The keys that the objects of a batch have, and those that stored ones had before."""
    former = [incoming.origin.unique_key for incoming in batch if incoming.origin]
    return list(dict.fromkeys([*(incoming.unique_key for incoming in batch), *former]))


def _require_unchanged(working: WorkingSet, batch: Sequence[Incoming]) -> None:
    """Stored objects that go through their mapping once more are still what was read of them."""
    for incoming in batch:
        origin = incoming.origin
        if origin is not None:
            item = working.objects.get(origin.unique_key)
            if item is None or item.written_id != origin.written_id:
                raise ChangedMeanwhile


def _load_objects(
    context: Context,
    domain: domains.Domain,
    object_type: str,
    working: WorkingSet,
    found: Sequence[ProfileObject],
) -> None:
    """Read objects again, now that their profiles are locked: one may have been evicted."""
    if not found:
        return
    unique_keys = [item.unique_key for item in found]
    again = store.send_objects(context.transaction, domain.id, object_type, unique_keys)
    for row in again.rows():
        item = store.as_object(row)
        working.objects[item.unique_key] = item


def _keys_of(batch: Sequence[Incoming]) -> tuple[list[Key], set[Key]]:
    """The key values to look up, and all that the batch may read or write, which it has to own.

    Full names are the exception: whoever does not look one up writes it without owning it, since
    namesakes are many and would wait for each other. Two transactions go wrong together only if
    each looks up what the other writes; the key that the other one looks up then is either no full
    name, and owned by both, or both look up full names, and own them.
    """
    lookups: dict[Key, None] = {}
    touched: set[Key] = set()
    for incoming in batch:
        lookups.update(dict.fromkeys(incoming.lookups))
        touched.update(
            incoming.lookups,
            incoming.stored,
            incoming.index_keys,
            [("unique", incoming.unique_key.hex())],
        )
        if incoming.origin is not None:
            touched.add(("unique", incoming.origin.unique_key.hex()))
    if not any(name == _FULL_NAME for name, _ in lookups):
        touched = {key for key in touched if key[0] != _FULL_NAME}
    return list(lookups), touched


def _sole_holders(working: WorkingSet) -> set[Id]:
    """The profiles that some key names alone; the others cannot be chosen."""
    return {
        profile_id
        for holders in working.holders.values()
        if len(holders) == 1
        for profile_id in holders
    }


def load_profiles(
    context: Context,
    domain: domains.Domain,
    working: WorkingSet,
    profile_ids: Iterable[Id],
    *,
    writes: bool = True,
) -> bool:
    """Lock and read profiles, without `writes` only read them; False when one of them is gone."""
    wanted = set(profile_ids)
    if wanted:
        ask = store.send_profiles_for_update if writes else store.send_profiles
        for row in ask(context.transaction, domain.id, list(wanted)).rows():
            profile = store.as_profile(row)
            working.profiles[profile.id] = profile
    return wanted <= working.profiles.keys()


def _record_lookups(batch: Sequence[Incoming]) -> list[tuple[str, str, str]]:
    return list(
        {
            (record_type, key.name, key.value): None
            for incoming in batch
            for record_type, keys in incoming.mapped.record_lookups.items()
            for key in keys
        }
    )


def load_records(
    context: Context,
    domain: domains.Domain,
    working: WorkingSet,
    keys: Sequence[tuple[str, str, str]],
    items: Iterable[ProfileObject],
) -> None:
    """Read the records that `keys` name on the loaded profiles, and those that `items` feed."""
    record_ids = [record_id for item in items for record_id in item.records.values()]
    if not record_ids and not (keys and working.profiles):
        return
    holders, rows = store.send_records(
        context.transaction, domain.id, working.profiles, keys, record_ids
    )
    for record_type, name, value, profile_id, record_id, owner_id in holders.rows():
        holding = working.record_holders.setdefault((record_type, name, value, profile_id), {})
        holding.setdefault(record_id, set()).add(owner_id)
    _add_records(working, rows.rows())


def oldest_object(context: Context, domain: domains.Domain, working: WorkingSet) -> OldestObject:
    """The function that finds the oldest stored object of a full profile, with its records."""

    def find(profile_id: Id, object_type: str, skip: Iterable[bytes]) -> ProfileObject | None:
        item = store.find_oldest_object(
            context.transaction, domain.id, profile_id, object_type, skip
        )
        if item is not None:
            unknown = [
                record_id
                for record_type, record_id in item.records.items()
                if (record_type, record_id) not in working.records
            ]
            rows = store.send_records(context.transaction, domain.id, [], [], unknown)[1].rows()
            _add_records(working, rows)
        return item

    return find


def _add_records(working: WorkingSet, rows: Iterable[Row]) -> None:
    for row in rows:
        record = store.as_record(row)
        working.records.setdefault((record.record_type, record.id), record)
