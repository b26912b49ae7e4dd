"""How far an object was read that is ordered by a time and an identifier, so that nothing is lost.

Two things lose records for a reader who asks for "everything after the last time": several records
with one time, and transactions that become visible later than the time they bear. Against the
first, a position is a time and an identifier; against the second, a
bookmark is at least `SETTLING` before the source's own clock, and what is read again from there is
left out if it is remembered as delivered.
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

SETTLING = timedelta(minutes=10)
"""How late a change may become visible: Salesforce ends transactions after ten minutes."""
MOST_REMEMBERED = 4_000
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
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (OverflowError, TypeError, ValueError):
        # Without the cause, which quotes the value.
        raise SourceUnavailable(
            f"{service} sent a record without the time it is ordered by"
        ) from None


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

    def __init__(self, pull: Pull, *, service: str, has_identifiers: bool = True) -> None:
        """From the pull's bookmark, or its `since`; SourceRefused for a bookmark of others.

        A source that can only be asked from a time on, that time included, `has_identifiers` not.
        """
        self.service = service
        self._has_identifiers = has_identifiers
        self._since = pull.since.astimezone(UTC) if pull.since else None
        try:
            self.at, self.identifier, self._recent = _remembered(pull.bookmark or {})
        except (AttributeError, OverflowError, TypeError, ValueError):
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

    def bookmark(self, now: datetime | None) -> dict[str, Any]:
        """Where to go on, as JSON: not behind what is complete for sure by the source's clock; and
        what was delivered and would be read again from there.
        """
        at, identifier = self.at, self.identifier
        if at is not None and identifier:
            sure = (now or at) - SETTLING
            if self._since is not None:
                sure = max(sure, self._since)
            if at > sure:
                at, identifier = sure, ""
            elif not self._has_identifiers:
                identifier = ""
        if at is not None:
            self._forget(at, is_included=not identifier)
        recent = {name: seen.isoformat() for name, seen in self._recent.items()}
        return {"at": at.isoformat() if at else None, "id": identifier, "recent": recent}

    def _forget(self, before: datetime, *, is_included: bool) -> None:
        """Forget what is before a time, or has it, and of the rest all but the latest."""
        recent = sorted(
            (at, name)
            for name, at in self._recent.items()
            if at > before or (is_included and at == before)
        )
        self._recent = {name: at for at, name in recent[-MOST_REMEMBERED:]}


def _remembered(bookmark: Bookmark) -> tuple[datetime | None, str, dict[str, datetime]]:
    """What `Watermark.bookmark` kept; an error of Python's for anything else."""
    at = bookmark.get("at")
    recent = {name: _time(kept) for name, kept in bookmark.get("recent", {}).items()}
    return None if at is None else _time(at), str(bookmark.get("id", "")), recent


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def read_in_order(mark: Watermark, fetch: Callable[[Watermark], Batch]) -> Iterator[Page]:
    """Pages of what `fetch` finds behind the mark, until it says that these are the last."""
    while True:
        batch = fetch(mark)
        before = mark.at, mark.identifier
        records = [row.record for row in batch.rows if mark.take(row)]
        if batch.rows and before == (mark.at, mark.identifier):
            raise SourceUnavailable(f"{mark.service} sends the same records again and again")
        yield Page(records, mark.bookmark(batch.now))
        if batch.is_last:
            return
