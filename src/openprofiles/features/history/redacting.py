"""Takes the values of a person out of the history; what was done, when and by whom stands."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from openprofiles.core.ids import LAST, Id
from openprofiles.features import domains, profiles
from openprofiles.features.context import Context
from openprofiles.features.history.action import split
from openprofiles.storage import journal
from openprofiles.storage.journal import Recorded

ENTRIES_AT_ONCE = 1000

_WITHOUT_VALUES = frozenset(
    {
        "cause",
        "created_profile",
        "main_id",
        "merged_ids",
        "moved_from",
        "reason",
        "replaced",
        "restored_ids",
    }
)
"""Members of a detail that say nothing of a person but ids that are gone."""

ERASED = "erased"


def redact(context: Context, domain: domains.Domain, profile_ids: Sequence[Id]) -> tuple[int, int]:
    """Take the values out of the entries of profiles, and forget the former versions of their
    objects: how many entries, how many versions.
    """
    objects: set[tuple[str, bytes]] = set()
    count = 0
    for profile_id in profile_ids:
        for entries in _batches(context, domain, profile_id):
            objects.update(filter(None, map(_object_of, entries)))
            journal.replace(context.transaction, domain.id, map(_redacted, entries))
            count += len(entries)
    versions = profiles.delete_former(
        context.transaction, domain.id, list(profile_ids), sorted(objects)
    )
    return count, versions


def _batches(context: Context, domain: domains.Domain, profile_id: Id) -> Iterator[list[Recorded]]:
    before = LAST
    while entries := journal.list_of_profile(
        context.transaction, domain.id, profile_id, before=before, limit=ENTRIES_AT_ONCE
    ):
        yield entries
        before = entries[-1].id


def _object_of(entry: Recorded) -> tuple[str, bytes] | None:
    if not entry.kind.startswith("object."):
        return None
    object_type, key = split(entry.subject or "")
    return None if key is None else (object_type, key)


def _redacted(entry: Recorded) -> Recorded:
    """The entry without values. The unique key of an object is a digest of a value: whoever guesses
    the value could tell that it was there.
    """
    subject = entry.subject
    if entry.kind.startswith("object."):
        subject = split(subject or "")[0]
    return replace(entry, subject=subject, detail=_without_values(entry.detail))


def _without_values(detail: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in detail.items() if name in _WITHOUT_VALUES}
    if "fields_before" in detail:
        kept["fields_before"] = {}
    return {**kept, ERASED: True}
