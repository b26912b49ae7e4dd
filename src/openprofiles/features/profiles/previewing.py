"""What would become of one object if it were put now: decided on by the code that ingests, on what
is stored now, without a lock and without a write.
"""

from typing import Any

from msgspec import Struct

from openprofiles.core import ids
from openprofiles.features import domains, object_types
from openprofiles.features.context import Context
from openprofiles.features.profiles import tombstones
from openprofiles.features.profiles.ingest import Document, begin, find_stopped, incoming_of
from openprofiles.features.profiles.placing import Outcome
from openprofiles.features.profiles.profile import Fields
from openprofiles.features.profiles.profile_object import StandardRecord


class Preview(Struct, frozen=True, kw_only=True):
    """What an object would do.

    `fields` are those of its profile afterwards, of which it `changed` some; it also has values for
    the `kept`, which stay as others wrote them. `records` are those that it would feed. Of an
    object that would be rejected, `fields` and `records` are what it says itself.
    """

    outcome: Outcome
    fields: Fields
    changed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    records: tuple[StandardRecord, ...] = ()


def preview(
    context: Context, domain: domains.Domain, mapping: object_types.Mapping, document: Document
) -> Preview:
    """What would become of a document."""
    try:
        mapped = mapping.map(document.content)
    except object_types.Unmappable as problem:
        return Preview(outcome=Outcome("rejected", reason=problem.reason, refused=True), fields={})
    incoming = incoming_of(mapping, mapped, document, context.ordered_id())
    if domain.has_tombstones and find_stopped(context, domain, {0: incoming}):
        reason = tombstones.STOPPED
        return Preview(outcome=Outcome("rejected", reason=reason), fields=incoming.new_fields)
    placing = begin(context, domain, mapping, [incoming], writes=False)
    working = placing.working
    before = {profile.id: profile.fields for profile in working.profiles.values()}
    outcome = placing.place(incoming)
    if outcome.result == "rejected":
        own = tuple(_own_record(context, *record) for record in mapped.records.items())
        return Preview(outcome=outcome, fields=incoming.new_fields, records=own)
    fields = working.profiles[outcome.profile_id or ""].fields
    known = before.get(outcome.profile_id or "", {})
    item = working.objects[incoming.unique_key]
    return Preview(
        outcome=outcome,
        fields=fields,
        changed=tuple(path for path, value in fields.items() if known.get(path) != value),
        kept=tuple(path for path, value in mapped.fields.items() if fields.get(path) != value),
        records=tuple(working.records[key] for key in item.records.items()),
    )


def _own_record(context: Context, record_type: str, fields: dict[str, Any]) -> StandardRecord:
    """A record as the object alone would make it."""
    made = ids.ordered_ids(context.now).__next__
    return StandardRecord(record_type, made(), made(), made(), context.now, fields, is_new=True)
