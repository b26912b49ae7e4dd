"""The one path in: a batch of one object or of thousands, mapped, placed and written in the
caller's transaction.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import msgspec

from openprofiles.core import ids
from openprofiles.core.ids import Id
from openprofiles.core.operation import Caller
from openprofiles.features import domains, object_types
from openprofiles.features.context import Context
from openprofiles.features.profiles import loading, store, tombstones
from openprofiles.features.profiles.placing import Incoming, Outcome, Placing, Rules
from openprofiles.features.profiles.profile_object import Origin, unique_key
from openprofiles.features.profiles.working_set import Entangled

MAX_OBJECT_BYTES = 256_000
"""250 KB (core reference §1.6)."""


class NotAnObject(Exception):
    """A text that is not one JSON object of allowed size; the exception's text is the reason."""


class Document(msgspec.Struct, frozen=True):
    """One object as received: its JSON text, of `size` bytes, what it says, and who sent it if not
    the context's caller.
    """

    text: str
    size: int
    content: dict[str, Any]
    caller: Caller | None = None


def read_document(text: str, caller: Caller | None = None) -> Document:
    """The document behind a JSON text; NotAnObject when it is none or too large."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_OBJECT_BYTES:
        raise NotAnObject(f"Your data contains profile object larger than {MAX_OBJECT_BYTES} bytes")
    try:
        content = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError) as error:
        raise NotAnObject("Object is not valid JSON") from error
    if not isinstance(content, dict):
        raise NotAnObject("Object is not a JSON object")
    return Document(text, size, content, caller)


def ingest(
    context: Context,
    domain: domains.Domain,
    mapping: object_types.Mapping,
    documents: Sequence[Document],
    *,
    keeps_refused: bool = False,
    keeps_rejected: bool = True,
    before_writing: Callable[[], None] = lambda: None,
) -> list[Outcome]:
    """Ingest documents of one type in their order; an outcome for each.

    The caller holds the domain's shared lock. Objects that cannot be placed go to
    `rejected_objects`; those that were never acceptable (no UNIQUE or PROFILE value) go there only
    with `keeps_refused`, else the caller answers for them. Without `keeps_rejected` none goes
    there: the caller has them. `before_writing` is called when all locks are held and all is
    decided.
    """
    outcomes: dict[int, Outcome] = {}
    batch: dict[int, Incoming] = {}
    written_ids = ids.ordered_ids(context.now)
    stopped: set[int] = set()
    for position, document in enumerate(documents):
        try:
            mapped = mapping.map(document.content)
        except object_types.Unmappable as problem:
            outcomes[position] = Outcome("rejected", reason=problem.reason, refused=True)
            continue
        batch[position] = incoming_of(mapping, mapped, document, next(written_ids))
    if domain.has_tombstones:
        stopped = find_stopped(context, domain, batch)
        outcomes.update({n: _stopped(batch.pop(n)) for n in stopped})
    if batch:
        incoming = list(batch.values())
        placed = _place_all(context, domain, mapping, incoming, before_writing)
        outcomes.update(zip(batch, placed, strict=True))
    if keeps_rejected:
        rejections = [
            store.Rejection(
                tombstones.WITHOUT_VALUES if position in stopped else documents[position].text,
                outcome.reason or "",
                documents[position].caller,
            )
            for position, outcome in sorted(outcomes.items())
            if outcome.result == "rejected" and (keeps_refused or not outcome.refused)
        ]
        store.keep_rejected(context, domain, mapping.name, rejections)
    return [outcomes[position] for position in range(len(documents))]


def find_stopped(
    context: Context, domain: domains.Domain, batch: Mapping[int, Incoming]
) -> set[int]:
    """The positions of objects with a key value that a tombstone stops."""
    keys = {n: {*incoming.lookups, *incoming.stored} for n, incoming in batch.items()}
    stopped = tombstones.find_stopped(context, domain, set().union(*keys.values()))
    return {n for n, held in keys.items() if held & stopped}


def _stopped(incoming: Incoming) -> Outcome:
    return Outcome("rejected", incoming.unique_key, None, tombstones.STOPPED)


def _place_all(
    context: Context,
    domain: domains.Domain,
    mapping: object_types.Mapping,
    batch: Sequence[Incoming],
    before_writing: Callable[[], None],
) -> list[Outcome]:
    """Place a batch; one that changes what it could only partly load is done in halves."""
    placing = begin(context, domain, mapping, batch)
    try:
        outcomes = [placing.place(incoming) for incoming in batch]
    except Entangled:
        middle = len(batch) // 2
        return [
            *_place_all(context, domain, mapping, batch[:middle], lambda: None),
            *_place_all(context, domain, mapping, batch[middle:], before_writing),
        ]
    before_writing()
    store.flush(context, domain, placing.working)
    return outcomes


def incoming_of(
    mapping: object_types.Mapping,
    mapped: object_types.MappedObject,
    document: Document,
    written_id: Id,
    origin: Origin | None = None,
) -> Incoming:
    """A mapped document, with what must be stored of it."""
    new_fields = {**mapped.inferred, **mapped.fields}
    return Incoming(
        mapped=mapped,
        lookups=[(key.name, key.value) for key in mapped.lookups],
        stored=[(key.name, key.value) for key in mapped.stored],
        new_fields=new_fields,
        unique_key=unique_key(mapping.name, mapped.unique.value),
        document=document.text,
        size=document.size,
        written_id=written_id,
        caller=document.caller,
        index_keys=object_types.standard_objects.index_keys("_profile", new_fields),
        origin=origin,
    )


def begin(
    context: Context,
    domain: domains.Domain,
    mapping: object_types.Mapping,
    batch: Sequence[Incoming],
    *,
    writes: bool = True,
) -> Placing:
    """What places a batch, with all that it needs locked and read; without `writes` only read."""
    working = loading.load(context, domain, mapping.name, batch, writes=writes)
    return Placing(
        working,
        _rules(context, domain, mapping),
        context.now,
        ids.ordered_ids(context.now).__next__,
        loading.oldest_object(context, domain, working),
    )


def _rules(context: Context, domain: domains.Domain, mapping: object_types.Mapping) -> Rules:
    days = mapping.expiration_days or domain.default_expiration_days
    return Rules(
        object_type=mapping.name,
        allows_profile_creation=mapping.allows_profile_creation,
        source_priority=mapping.source_priority,
        expires_at=context.now + timedelta(days=days),
        max_objects=context.settings.objects_per_profile,
        max_object_bytes=context.settings.object_bytes_per_profile,
        respect_source_time=context.settings.respect_source_timestamp,
        object_limits=lambda: object_types.object_limits(context, domain),
    )
