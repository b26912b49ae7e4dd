"""What a source of records is to us: one small contract, which every connector fulfils.

A connector sees its source and nothing of the service: it gets a connection and an order of what to
read, and gives pages of records, each with a bookmark from which reading can go on. Whoever takes a
page stores its records and its bookmark in one transaction, so that a run which is killed at any
moment goes on without loss and without doing anything twice.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

Bookmark = Mapping[str, Any]
"""How far a source was read, as JSON; only the connector that made it understands it."""

SourceRecord = Mapping[str, Any]
"""One record as the source has it: JSON values by field name."""


class SourceError(Exception):
    """A source cannot be read; the text is a sentence for a person, without secrets or values.

    SourceError
    ├── SourceUnavailable   try again later: down, slow, rate-limited
    └── SourceRefused       trying again does not help: credentials, rights, an unknown object
    """


class SourceUnavailable(SourceError):
    """The source does not answer as it should at the moment; `retry_after` is what it asked for, in
    seconds.
    """

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class SourceRefused(SourceError):
    """The source said no, and will again until somebody changes something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceField:
    """A field of a source's object; `kind` is the source's own word for its type."""

    name: str
    kind: str
    is_timestamp: bool = False
    """Whether it can tell what changed since a pull (an incremental field)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceObject:
    """Something that can be pulled from a source: a table, a resource, a prefix."""

    name: str
    text: str
    fields: tuple[SourceField, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """What to read.

    `bookmark` is that of the last page of an earlier pull of the same, None for the first. `since`
    (included) and `until` (excluded) bound the values of `timestamp_field`; a source without one
    reads everything. `fields` are the columns that are wanted; None means all. `options` are what
    only this kind of source knows (`IncludeDeletedRecords`, `BucketPrefix`).
    """

    object_name: str
    fields: tuple[str, ...] | None = None
    bookmark: Bookmark | None = None
    timestamp_field: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Malformed:
    """A record that could not be read: where it is and why, and the text as it came."""

    place: str
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """Some records in their order, and the bookmark behind the last of them.

    A page may be empty: it moves the bookmark.
    """

    records: Sequence[SourceRecord | Malformed]
    bookmark: Bookmark


class Connector(Protocol):
    """A source that was opened with a connection. Every method raises SourceError, no other."""

    def check(self) -> None:
        """Reach the source and be let in."""

    def objects(self) -> Sequence[SourceObject]:
        """What can be pulled, with fields where the source tells them."""

    def read(self, pull: Pull) -> Iterator[Page]:
        """The records of `pull`, in pages; after an error, a new call goes on from a bookmark.

        A record may come again (a source that cannot do better delivers at least once), and none is
        left out: whatever changes while it is read comes in this pull or in the next.
        """

    def close(self) -> None:
        """Give back what is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Something that a connection of a kind of source needs; a secret is kept encrypted and never
    shown.
    """

    name: str
    text: str
    is_secret: bool = False
    is_required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorKind:
    """A kind of source, as found through the entry points `openprofiles.connectors`.

    `name` is the API's ConnectorType where it has one. `open` gets the values of `settings` by name
    and returns a connector without reaching the source yet; it raises SourceRefused for values that
    cannot be meant.
    """

    name: str
    text: str
    settings: tuple[Setting, ...]
    open: Callable[[Mapping[str, str]], Connector]
    default_timestamp_field: str | None = None
