"""From pages of a connector to batches: records through the tasks of the flow, as JSON text.

A batch ends where a page ends, so that its bookmark says how far the source is read. A page that is
too large for one transaction is cut; then how many of its records are done is stored with their
digest, and whoever goes on leaves them out if the source gives the same records again.
"""

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from openprofiles.connectors import Bookmark, Malformed, Page, SourceRecord
from openprofiles.features.integrations.flows import BadRecord, Transform
from openprofiles.features.integrations.run import Part

BATCH_CHARACTERS = 4_000_000
"""No batch of large records takes much memory."""

PATIENCE_SECONDS = 1.0
"""How long small pages are gathered for one transaction, of a source that gives them quickly."""

_encode = msgspec.json.Encoder().encode
_NOT_JSON = "The record cannot be written as JSON"


class Incoming(NamedTuple):
    """A record as ingestion takes it (transfers.Takable)."""

    document: str
    problem: str | None
    place: str


class Batch(NamedTuple):
    """Records that are taken in one transaction, of `read` that were pulled.

    `bookmark` is behind the last of them; when it is None, `part` is done behind the last bookmark.
    """

    records: Sequence[Incoming]
    read: int
    bookmark: Bookmark | None
    part: Part | None


@dataclass(slots=True)
class _Gathering:
    """Records that wait for their transaction."""

    began_at: float = field(default_factory=time.monotonic)
    records: list[Incoming] = field(default_factory=list)
    read: int = 0
    characters: int = 0
    bookmark: Bookmark | None = None

    def is_full(self, at_once: int) -> bool:
        """Whether no more should be added."""
        return self.read >= at_once or self.characters >= BATCH_CHARACTERS

    def batch(self, part: Part | None = None) -> Batch:
        """What is there, as a batch."""
        return Batch(self.records, self.read, self.bookmark, part)


@dataclass(slots=True)
class Cutting:
    """Cuts pages into batches; `position` counts the records before, `done` is what an earlier
    runner has done of the first page.
    """

    transform: Transform
    at_once: int
    position: int
    done: Part | None = None
    clock: Callable[[], float] = time.monotonic

    def batches(self, pages: Iterable[Page]) -> Iterator[Batch]:
        """The batches, in their order."""
        gathering = _Gathering()
        for page in pages:
            records, done = page.records, self._done_of(page.records)
            self.done = None
            if gathering.read and gathering.read + len(records) > self.at_once:
                yield gathering.batch()
                gathering = _Gathering()
            digest = _Digest(records[:done]) if done or len(records) > self.at_once else None
            for record in records[done:]:
                if gathering.is_full(self.at_once) and digest is None:
                    # Only large records of a page that is not too long come here.
                    digest = _Digest(records[:done])
                if gathering.is_full(self.at_once) and digest is not None:
                    digest.catch_up(records, done)
                    yield gathering.batch(Part(records=done, digest=digest.text))
                    gathering = _Gathering()
                self._add(gathering, record)
                done += 1
            gathering.bookmark = page.bookmark
            if gathering.is_full(self.at_once) or self._is_old(gathering):
                yield gathering.batch()
                gathering = _Gathering()
        if gathering.bookmark is not None:
            yield gathering.batch()

    def _is_old(self, gathering: _Gathering) -> bool:
        return self.clock() - gathering.began_at >= PATIENCE_SECONDS

    def _done_of(self, records: Sequence[SourceRecord | Malformed]) -> int:
        """How many records of a page were done before; none when they are others than then."""
        done = self.done
        if done is None or len(records) < done.records:
            return 0
        return done.records if _Digest(records[: done.records]).text == done.digest else 0

    def _add(self, gathering: _Gathering, record: SourceRecord | Malformed) -> None:
        self.position += 1
        gathering.read += 1
        incoming = self._incoming(record)
        if incoming is not None:
            gathering.records.append(incoming)
            gathering.characters += len(incoming.document)

    def _incoming(self, record: SourceRecord | Malformed) -> Incoming | None:
        if isinstance(record, Malformed):
            return Incoming(record.text, record.reason, record.place)
        place = f"record {self.position}"
        try:
            target = self.transform(record)
            if target is None:
                return None
            return Incoming(_encode(target).decode(), None, place)
        except BadRecord as problem:
            return Incoming(_text_of(record), str(problem), place)
        except (OverflowError, TypeError, UnicodeEncodeError, RecursionError):
            return Incoming(_text_of(record), _NOT_JSON, place)


class _Digest:
    """The digest of the first records of a page, which grows with them."""

    def __init__(self, records: Sequence[SourceRecord | Malformed]) -> None:
        self._hash = hashlib.sha256()
        self._records = 0
        self.catch_up(records, len(records))

    def catch_up(self, records: Sequence[SourceRecord | Malformed], number: int) -> None:
        """Take in the records up to a number of them."""
        for record in records[self._records : number]:
            self._hash.update(_text_of(record).encode("utf-8", "backslashreplace"))
            self._hash.update(b"\n")
        self._records = number

    @property
    def text(self) -> str:
        """The digest as text."""
        return self._hash.hexdigest()


def _text_of(record: SourceRecord | Malformed) -> str:
    """A record as text, whatever it holds."""
    value: Any = record.text if isinstance(record, Malformed) else record
    try:
        return _encode(value).decode()
    except (OverflowError, TypeError, UnicodeEncodeError, RecursionError):
        return repr(value)
