"""Where each field of a profile or record came from, and who may overwrite it (core reference
§4.6).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Write:
    """One act that gave fields their values.

    `source` is the object type's name, None for a person or program that wrote the profile itself
    (manual). `priority`
    is the type's SourcePriority at that time, 1 the strongest. `source_time` and `written_at` are
    epoch seconds.
    `object_key` is the ProfileObjectUniqueKey of the object, in hex.
    """

    source: str | None
    priority: int | None
    source_time: float | None
    written_at: float
    object_key: str | None

    @property
    def is_manual(self) -> bool:
        return self.source is None

    @property
    def effective_time(self) -> float:
        """When the value was true: the source's own timestamp, else the moment of ingestion."""
        return self.written_at if self.source_time is None else self.source_time


Provenance = dict[str, Write]
"""Flat field path -> the write its value came from."""


def manual(now: datetime) -> Write:
    """A write by CreateProfile or UpdateProfile."""
    return Write(None, None, None, now.timestamp(), None)


def may_overwrite(current: Write | None, incoming: Write, *, respect_source_time: bool) -> bool:
    """Whether `incoming` may write a field whose value came from `current` (None = free).

    Manual values yield only to types with a SourcePriority; a weaker type never overwrites a
    stronger one; equals
    overwrite in order of arrival, or, with `respect_source_time`, never by an older source
    timestamp.
    """
    if current is None or incoming.is_manual:
        return True
    if current.is_manual:
        return incoming.priority is not None
    if current.source != incoming.source and _rank(incoming) > _rank(current):
        return False
    if respect_source_time and _rank(incoming) == _rank(current):
        return incoming.effective_time >= current.effective_time
    return True


def _rank(write: Write) -> float:
    return float("inf") if write.priority is None else write.priority


def encode(provenance: Mapping[str, Write]) -> dict[str, Any]:
    """The stored form: each write once, and for each field the index of its write."""
    writes: dict[int, Write] = {}
    places: dict[int, int] = {}
    fields: dict[str, int] = {}
    for path, write in provenance.items():
        # By identity: comparing the values of a write for each of its fields would cost more than
        # the rest of an object's journey.
        place = places.setdefault(id(write), len(places))
        writes[place] = write
        fields[path] = place
    rows = [
        [write.source, write.priority, write.source_time, write.written_at, write.object_key]
        for write in writes.values()
    ]
    return {"writes": rows, "fields": fields}


def decode(stored: Mapping[str, Any]) -> Provenance:
    """The provenance behind its stored form."""
    writes = [Write(*row) for row in stored["writes"]]
    return {path: writes[index] for path, index in stored["fields"].items()}
