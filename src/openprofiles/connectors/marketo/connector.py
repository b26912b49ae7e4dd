"""Leads of Marketo: an export job for each window of time, and its file (guide, "Bulk Lead
Extract").

The bookmark has the window, the job and the place in its file: a pull that ends half-way goes on
with the same job, which Marketo keeps for seven days.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from openprofiles.connectors import connection
from openprofiles.connectors.connector import (
    ConnectorKind,
    Malformed,
    Page,
    Pull,
    Setting,
    SourceField,
    SourceObject,
    SourceRecord,
    SourceRefused,
    SourceUnavailable,
)
from openprofiles.connectors.marketo.api import SERVICE, Api, MarketoRefused
from openprofiles.connectors.marketo.files import rows
from openprofiles.connectors.watermark import source_time
from openprofiles.connectors.web import Answer, Limits

LEADS = "leads"
WIDEST = timedelta(days=31)
"""Of the window of an export."""
HELD_BACK = timedelta(minutes=5)
"""An export ends so long before Marketo's clock: what it is still writing comes with the next."""
FILTERS = ("updatedAt", "createdAt")
"""Fields that an export can be bounded by."""
FIRST_DAY = "2007-01-01"
"""Before any lead of Marketo, which began in 2007."""
PAGE_SIZE = 1_000
POLL_SECONDS = 60.0
"""Marketo renews a job's status once a minute: then it is worth while to come back."""
MOST_POLLS = 240
"""As long as Marketo works on a job, that it is asked for is no failed attempt; for four hours."""
SHORT_JOB_SECONDS = 30.0
"""A job may be done by then: so long it is waited for here, which keeps the runner busy."""


@dataclass(frozen=True, slots=True)
class _Place:
    """How far leads were read: all before `start`, and of the export of [start, end] `offset`."""

    start: str
    end: str = ""
    export: str = ""
    fields: tuple[str, ...] = ()
    offset: int = 0
    polls: int = 0

    def bookmark(self) -> dict[str, Any]:
        return {**asdict(self), "fields": list(self.fields)}


class Marketo:
    """A subscription, by the client credentials of a custom service."""

    def __init__(
        self,
        settings: Mapping[str, str],
        *,
        limits: Limits | None = None,
        page_size: int = PAGE_SIZE,
    ) -> None:
        self._limits = limits or Limits()
        self._page_size = page_size
        first_day = settings.get("first_day", "").strip() or FIRST_DAY
        try:
            self._first = datetime.fromisoformat(first_day).replace(tzinfo=UTC)
        except ValueError:
            raise SourceRefused(
                f"{SERVICE}: the setting first_day is not like 2020-01-31"
            ) from None
        self._api = Api(settings, self._limits)

    def check(self) -> None:
        """Ask for the fields of leads, which needs a role that may read leads."""
        self._described()

    def objects(self) -> Sequence[SourceObject]:
        """Leads, with all their fields."""
        described, _ = self._described()
        fields = tuple(
            SourceField(name=name, kind=kind, is_timestamp=name in FILTERS)
            for name, kind in described.items()
        )
        return [SourceObject(name=LEADS, text="Leads (persons)", fields=fields)]

    def read(self, pull: Pull) -> Iterator[Page]:
        """Leads by windows of `timestamp_field`, or by when they were created without one."""
        if pull.object_name != LEADS:
            raise SourceRefused(f"{SERVICE}: there are {LEADS} only")
        if pull.timestamp_field not in (None, *FILTERS):
            raise SourceRefused(f"{SERVICE} exports leads by {' or '.join(FILTERS)} only")
        return self._windows(pull, self._begin(pull))

    def close(self) -> None:
        """Close the connections."""
        self._api.close()

    def _begin(self, pull: Pull) -> _Place:
        if pull.bookmark:
            return _remembered(pull.bookmark)
        is_bounded = pull.since is not None and pull.timestamp_field is not None
        return _Place(_written(pull.since if is_bounded and pull.since else self._first))

    def _windows(self, pull: Pull, place: _Place) -> Iterator[Page]:
        described, answer = self._described()
        now = source_time(answer.headers) or datetime.now(UTC)
        last = now - HELD_BACK
        if pull.until is not None and pull.timestamp_field is not None:
            last = min(last, pull.until)
        wanted = _wanted(described, pull)
        while place.export or _read_time(place.start) < last.replace(microsecond=0):
            if not place.export:
                place = self._ordered(pull, place, last, tuple(wanted))
                yield Page((), place.bookmark())
            try:
                size = self._wait(place)
            except _JobLost as error:
                yield Page((), _Place(place.start).bookmark())
                raise SourceUnavailable(str(error)) from None
            if size is None:
                if place.polls < MOST_POLLS:
                    yield Page((), replace(place, polls=place.polls + 1).bookmark())
                text = f"{SERVICE} is still writing an export"
                raise SourceUnavailable(text, retry_after=POLL_SECONDS)
            yield from self._pages(place, size, wanted)
            place = _Place(place.end)
        yield Page((), place.bookmark())

    def _ordered(
        self, pull: Pull, place: _Place, last: datetime, fields: tuple[str, ...]
    ) -> _Place:
        """Order the export of the next window."""
        end = _written(min(_read_time(place.start) + WIDEST, last))
        job = self._api.post(
            "/bulk/v1/leads/export/create.json",
            {
                "fields": fields,
                "format": "CSV",
                "filter": {
                    pull.timestamp_field or "createdAt": {"startAt": place.start, "endAt": end}
                },
            },
        )
        export = job[0].get("exportId") if job else None
        if not isinstance(export, str) or not re.fullmatch(r"[\w-]+", export):
            raise SourceUnavailable(f"{SERVICE} gave an export no id")
        self._api.post(f"/bulk/v1/leads/export/{export}/enqueue.json")
        return replace(place, end=end, export=export, fields=fields)

    def _wait(self, place: _Place) -> int | None:
        """The size of the export's file; None when it is not there soon. Raises _JobLost."""
        size = self._size(place)
        if size is None:
            self._limits.sleep(SHORT_JOB_SECONDS)
            size = self._size(place)
        return size

    def _size(self, place: _Place) -> int | None:
        """The size of the export's file; None as long as it is written. Raises _JobLost."""
        try:
            result, _ = self._api.get(f"/bulk/v1/leads/export/{place.export}/status.json")
        except MarketoRefused as error:
            if error.code != "603":
                raise _JobLost(f"{SERVICE} does not know an export any more") from None
            raise
        job = result[0] if result else {}
        status, size = job.get("status"), job.get("fileSize")
        if status == "Completed" and isinstance(size, int):
            return size
        if status not in ("Queued", "Processing"):
            raise _JobLost(f"{SERVICE} could not write an export")
        return None

    def _pages(self, place: _Place, size: int, wanted: Mapping[str, str]) -> Iterator[Page]:
        path = f"/bulk/v1/leads/export/{place.export}/file.json"
        records: list[SourceRecord | Malformed] = []
        found = rows(
            lambda start, length: self._api.part(path, start, length),
            size,
            place.offset,
            place.fields,
        )
        for row in found:
            records.append(_renamed(row.values, wanted))
            if len(records) == self._page_size:
                yield Page(records, replace(place, offset=row.end).bookmark())
                records = []
        yield Page(records, _Place(place.end).bookmark())

    def _described(self) -> tuple[dict[str, str], Answer]:
        """The types of all fields of leads that the REST API knows."""
        result, answer = self._api.get("/rest/v1/leads/describe.json")
        fields: dict[str, str] = {}
        for each in result:
            names = each.get("rest")
            if isinstance(names, dict) and isinstance(names.get("name"), str):
                fields[names["name"]] = str(each.get("dataType"))
        return fields, answer


class _JobLost(Exception):
    """An export failed, was canceled, or was forgotten: another one is needed."""


def _wanted(described: Mapping[str, str], pull: Pull) -> dict[str, str]:
    """The fields to ask for, with the spelling of who wants them; what Marketo does not have is
    left out.
    """
    known = {name.lower(): name for name in described}
    wanted = described if pull.fields is None else pull.fields
    found = {known[name.lower()]: name for name in wanted if name.lower() in known}
    if not found:
        raise SourceRefused(f"{SERVICE}: leads have none of the fields that are wanted")
    return found


def _renamed(
    record: SourceRecord | Malformed, wanted: Mapping[str, str]
) -> SourceRecord | Malformed:
    """The record in the spelling of who wants it."""
    if isinstance(record, Malformed):
        return record
    return {wanted.get(name, name): value for name, value in record.items()}


def _remembered(bookmark: Mapping[str, Any]) -> _Place:
    try:
        place = msgspec.convert(bookmark, _Place)
        _read_time(place.start)
        _read_time(place.end or place.start)
    except (msgspec.ValidationError, OverflowError, ValueError):
        raise SourceRefused(f"{SERVICE}: the bookmark is not one of this source") from None
    return place


def _read_time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _written(at: datetime) -> str:
    """A time as filters take it: ISO 8601 without milliseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


KIND = ConnectorKind(
    name="Marketo",
    text="Marketo: leads, through Bulk Lead Extract",
    settings=(
        connection.instance_url("https://123-ABC-456.mktorest.com"),
        Setting(name="client_id", text="The client id of the custom service"),
        Setting(
            name="client_secret", text="The client secret of the custom service", is_secret=True
        ),
        Setting(
            name="first_day",
            text=f"No lead is older (YYYY-MM-DD); {FIRST_DAY} if none is given",
            is_required=False,
        ),
    ),
    open=Marketo,
    default_timestamp_field="updatedAt",
)
