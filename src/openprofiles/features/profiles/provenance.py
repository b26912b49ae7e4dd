"""Where each field of a profile or record came from, and who may overwrite it (core reference
§4.6).
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct


class Write(Struct, frozen=True):
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


def may_overwrite_later(
    current: Write | None,
    incoming: Write,
    *,
    respect_source_time: bool,
    came_before: Callable[[Write], bool],
) -> bool:
    """The same for an object that was stored before and goes through its mapping once more: it
    overwrites as if it had always been mapped so. What came after it stays, unless it is weaker;
    `came_before` tells of a write whether it came before the object.
    """
    if not may_overwrite(current, incoming, respect_source_time=respect_source_time):
        return False
    if current is None or current.object_key == incoming.object_key:
        return True
    is_stronger = not current.is_manual and _rank(incoming) < _rank(current)
    return is_stronger or came_before(current)


def _rank(write: Write) -> float:
    return float("inf") if write.priority is None else write.priority


def encode(provenance: Mapping[str, Write]) -> dict[str, Any]:
    """The stored form: each write once, and for each field the index of its write.

    Provenance names all fields that there are. So when one write gave them all, as it does for most
    profiles, their names are left out.
    """
    # By identity: comparing the values of a write for each of its fields would cost more than
    # the rest of an object's journey.
    if len(set(map(id, provenance.values()))) == 1:
        return {"writes": [_row(next(iter(provenance.values())))]}
    writes = {id(write): write for write in provenance.values()}
    places = {write: place for place, write in enumerate(writes)}
    return {
        "writes": [_row(write) for write in writes.values()],
        "fields": {path: places[id(write)] for path, write in provenance.items()},
    }


def decode(stored: Mapping[str, Any], fields: Iterable[str]) -> Provenance:
    """The provenance of `fields` behind its stored form."""
    writes = [Write(*row) for row in stored["writes"]]
    places = stored.get("fields")
    if places is None:
        return dict.fromkeys(fields, writes[0])
    return {path: writes[place] for path, place in places.items()}


def _row(write: Write) -> list[Any]:
    return [write.source, write.priority, write.source_time, write.written_at, write.object_key]
