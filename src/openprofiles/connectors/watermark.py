"""How far an object was read that is ordered by a time and an identifier, so that nothing is lost.

Two things lose records for a reader who asks for "everything after the last time": several records
with one time, and transactions that become visible later than the time they bear. Against the
first, a position is a time and an identifier; against the second, a pull ends at most
`SETTLING` before the source's own clock, and the next one reads from there again, without what is
remembered as delivered.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from openprofiles.connectors.connector import (
    Bookmark,
    Page,
    Pull,
    SourceRecord,
    SourceRefused,
    SourceUnavailable,
)

SETTLING = timedelta(minutes=5)
"""How late a change may become visible."""
MOST_REMEMBERED = 2_000
"""So many records of the last minutes are remembered; beyond, some come twice rather than never."""


@dataclass(frozen=True, slots=True)
class Row:
    """A record with its place in the order."""

    at: datetime | None
    identifier: str
    record: SourceRecord


@dataclass(frozen=True, slots=True)
class Batch:
    """The rows behind a position, whether they are the last, and what the source's clock said."""

    rows: list[Row]
    is_last: bool
    now: datetime | None


def parse_time(value: Any, *, service: str) -> datetime:
    """A time as ISO 8601 has it, in UTC where it names no offset; SourceUnavailable otherwise."""
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        # Without the cause, which quotes the value.
        raise SourceUnavailable(
            f"{service} sent a record without the time it is ordered by"
        ) from None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def source_time(headers: Mapping[str, str]) -> datetime | None:
    """What the source's clock says in the header Date; None when it does not."""
    try:
        return parsedate_to_datetime(headers["date"]).astimezone(UTC)
    except (KeyError, ValueError):
        return None


class Watermark:
    """The position behind which a pull goes on: after (`at`, `identifier`), or from `at` on while
    there is no identifier; without a time, after the identifier.
    """

    def __init__(self, pull: Pull, *, service: str) -> None:
        """From the pull's bookmark, or its `since`; SourceRefused for a bookmark of others."""
        self.service = service
        self._since = pull.since.astimezone(UTC) if pull.since else None
        try:
            self.at, self.identifier, self._recent = _remembered(pull.bookmark or {})
        except (AttributeError, TypeError, ValueError):
            raise SourceRefused(f"{service}: the bookmark is not one of this source") from None
        if self._since is not None and (self.at is None or self.at < self._since):
            self.at, self.identifier = self._since, ""

    def take(self, row: Row) -> bool:
        """Move behind `row`; False when it came in an earlier pull, as it is now.

        Raises SourceUnavailable when it is before the position.
        """
        if row.at is None:
            self.identifier = row.identifier
            return True
        if self.at is not None and row.at < self.at:
            raise SourceUnavailable(f"{self.service} does not keep the order that was asked for")
        self.at, self.identifier = row.at, row.identifier
        is_new = self._recent.get(row.identifier) != row.at
        self._recent[row.identifier] = row.at
        return is_new

    def settle(self, now: datetime | None, *, has_identifiers: bool = True) -> None:
        """End a pull: step back to what is complete for sure, by the source's clock.

        A source that can only be asked from a time on, that time included, `has_identifiers` not:
        what has the last time is remembered, however long ago it was.
        """
        if self.at is not None and self.identifier:
            sure = (now or self.at) - SETTLING
            if self._since is not None:
                sure = max(sure, self._since)
            if self.at > sure:
                self.at, self.identifier = sure, ""
            elif has_identifiers:
                self._recent = {}
            else:
                self.identifier = ""
            self._forget(self.at)

    def bookmark(self, now: datetime | None) -> dict[str, Any]:
        """The position as JSON, with what was delivered and could be read again."""
        if self.at is not None:
            self._forget(min(self.at, (now or self.at) - SETTLING))
        recent = {name: at.isoformat() for name, at in self._recent.items()}
        at = self.at.isoformat() if self.at else None
        return {"at": at, "id": self.identifier, "recent": recent}

    def _forget(self, before: datetime) -> None:
        recent = sorted((at, name) for name, at in self._recent.items() if at >= before)
        self._recent = {name: at for at, name in recent[-MOST_REMEMBERED:]}


def _remembered(bookmark: Bookmark) -> tuple[datetime | None, str, dict[str, datetime]]:
    """What `Watermark.bookmark` kept; AttributeError, TypeError or ValueError for anything else."""
    at = bookmark.get("at")
    recent = {
        name: datetime.fromisoformat(kept) for name, kept in bookmark.get("recent", {}).items()
    }
    return datetime.fromisoformat(at) if at else None, str(bookmark.get("id", "")), recent


def read_in_order(
    mark: Watermark, fetch: Callable[[Watermark], Batch], *, has_identifiers: bool = True
) -> Iterator[Page]:
    """Pages of what `fetch` finds behind the mark, until it says that these are the last; see
    `Watermark.settle`.
    """
    while True:
        batch = fetch(mark)
        before = mark.at, mark.identifier
        records = [row.record for row in batch.rows if mark.take(row)]
        if batch.rows and before == (mark.at, mark.identifier):
            raise SourceUnavailable(f"{mark.service} sends the same records again and again")
        if batch.is_last:
            mark.settle(batch.now, has_identifiers=has_identifiers)
        yield Page(records, mark.bookmark(batch.now))
        if batch.is_last:
            return
