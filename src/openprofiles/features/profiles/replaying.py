"""Stored objects that go through the mapping of their type once more, as it is now.

Each is decided on as if it were put again, but counts as what it is: it keeps its place in time,
and writes no field that something later wrote. Objects that come out as they are stay untouched.
"""

from collections.abc import Sequence

from msgspec import Struct

from openprofiles.core.ids import Id
from openprofiles.features import domains, object_types
from openprofiles.features.context import Context
from openprofiles.features.profiles import store
from openprofiles.features.profiles.ingest import NotAnObject, begin, incoming_of, read_document
from openprofiles.features.profiles.placing import Incoming, Outcome, Placing
from openprofiles.features.profiles.profile_object import Origin, ProfileObject
from openprofiles.features.profiles.working_set import Entangled, WorkingSet


class Replayed(Struct, frozen=True, kw_only=True):
    """What becomes of one stored object, `unique_key` when it began.

    `reason` says why it stays as it is although its type would reject it now. Of others, `fields`
    of the profile and `keys` (by name) are those that change; `former_id` is the profile that it
    leaves, which `empties` when it was the last one there.
    """

    unique_key: bytes
    new_key: bytes | None = None
    profile_id: Id | None = None
    reason: str | None = None
    creates: bool = False
    former_id: Id | None = None
    empties: bool = False
    is_united: bool = False
    fields: tuple[str, ...] = ()
    added_keys: tuple[str, ...] = ()
    dropped_keys: tuple[str, ...] = ()
    changes_record: bool = False
    changes_time: bool = False

    @property
    def is_rekeyed(self) -> bool:
        """Whether its unique key becomes another one."""
        return self.new_key is not None and self.new_key != self.unique_key

    @property
    def is_changed(self) -> bool:
        """Whether anything of it changes."""
        changes = (
            *(self.is_rekeyed, self.creates, self.former_id, self.fields, self.added_keys),
            *(self.dropped_keys, self.changes_record, self.changes_time),
        )
        return any(changes)


def replay(
    context: Context,
    domain: domains.Domain,
    mapping: object_types.Mapping,
    stored: Sequence[tuple[str, Origin]],
    *,
    writes: bool,
) -> list[Replayed]:
    """Map stored documents once more; what becomes of each, in their order. Without `writes`
    nothing does.

    The caller holds the domain's shared lock. An object that would be rejected stays as it is.
    Raises ChangedMeanwhile when one of them was put or removed since it was read.
    """
    found: dict[bytes, Replayed] = {}
    batch: list[Incoming] = []
    for text, origin in stored:
        try:
            document = read_document(text)
            mapped = mapping.map(document.content)
        except NotAnObject as problem:
            found[origin.unique_key] = _rejected(origin, str(problem))
        except object_types.Unmappable as problem:
            found[origin.unique_key] = _rejected(origin, problem.reason)
        else:
            batch.append(incoming_of(mapping, mapped, document, origin.written_id, origin))
    if batch:
        decided = _decide(context, domain, mapping, batch)
        found.update((replayed.unique_key, replayed) for replayed in decided)
        if writes:
            changed = [
                incoming
                for incoming, replayed in zip(batch, decided, strict=True)
                if replayed.is_changed
            ]
            _write(context, domain, mapping, changed)
    return [found[origin.unique_key] for _, origin in stored]


def _decide(
    context: Context,
    domain: domains.Domain,
    mapping: object_types.Mapping,
    batch: Sequence[Incoming],
) -> list[Replayed]:
    placing = _begin(context, domain, mapping, batch)
    try:
        return [_place(placing, incoming) for incoming in batch]
    except Entangled:
        middle = len(batch) // 2
        halves = (batch[:middle], batch[middle:])
        return [item for half in halves for item in _decide(context, domain, mapping, half)]


def _write(
    context: Context,
    domain: domains.Domain,
    mapping: object_types.Mapping,
    batch: Sequence[Incoming],
) -> None:
    if not batch:
        return
    placing = _begin(context, domain, mapping, batch)
    try:
        for incoming in batch:
            placing.place(incoming)
    except Entangled:
        middle = len(batch) // 2
        for half in (batch[:middle], batch[middle:]):
            _write(context, domain, mapping, half)
        return
    store.flush(context, domain, placing.working)


def _begin(
    context: Context,
    domain: domains.Domain,
    mapping: object_types.Mapping,
    batch: Sequence[Incoming],
) -> Placing:
    """What places a batch, and knows the order of objects that came at one moment."""
    placing = begin(context, domain, mapping, batch)
    moments = {
        incoming.origin.ingested_at.timestamp() for incoming in batch if incoming.origin is not None
    }
    working = placing.working
    origins = [
        *(profile.provenance for profile in working.profiles.values()),
        *(record.provenance for record in working.records.values()),
    ]
    keys = {
        write.object_key
        for written in origins
        for write in written.values()
        if write.object_key is not None and write.written_at in moments
    }
    if keys:
        unique_keys = [bytes.fromhex(key) for key in keys]
        rows = store.send_objects(context.transaction, domain.id, mapping.name, unique_keys).rows()
        items = map(store.as_object, rows)
        placing.arrivals.update((item.unique_key.hex(), item.written_id) for item in items)
    return placing


def _place(placing: Placing, incoming: Incoming) -> Replayed:
    working, origin = placing.working, incoming.origin
    if origin is None:
        raise AssertionError("It is a stored object")
    before = working.objects.get(origin.unique_key)
    records = {key: record.fields for key, record in working.records.items()}
    known = working.objects.get(incoming.unique_key)
    outcome = placing.place(incoming)
    if before is None or outcome.result == "rejected":
        return _rejected(origin, outcome.reason or "")
    item = working.objects[incoming.unique_key]
    former_id = None if item.profile_id == before.profile_id else before.profile_id
    return Replayed(
        unique_key=origin.unique_key,
        new_key=incoming.unique_key,
        profile_id=item.profile_id,
        creates=outcome.result == "created",
        former_id=former_id,
        empties=former_id is not None and not working.profiles[former_id].object_count,
        is_united=known is not None and incoming.unique_key != origin.unique_key,
        fields=_changed_fields(working, outcome),
        added_keys=_names(item, before),
        dropped_keys=_names(before, item),
        changes_record=item.records != before.records
        or any(working.records[key].fields != records.get(key) for key in item.records.items()),
        changes_time=item.source_time != before.source_time,
    )


def _changed_fields(working: WorkingSet, outcome: Outcome) -> tuple[str, ...]:
    """The fields of the profile that the object placed last has changed."""
    fields = working.profiles[outcome.profile_id or ""].fields
    if outcome.result == "created":
        return tuple(fields)
    before = working.journal[-1].detail.get("fields_before", {})
    return tuple(path for path, value in before.items() if fields.get(path) != value)


def _names(one: ProfileObject, other: ProfileObject) -> tuple[str, ...]:
    """The names of the keys that only one of them holds."""
    held = set(other.keys)
    return tuple(dict.fromkeys(key[0] for key in one.keys if key not in held))


def _rejected(origin: Origin, reason: str) -> Replayed:
    return Replayed(unique_key=origin.unique_key, reason=reason)
