"""Watermarks: what was delivered is not lost and not sent twice, also around the last minutes."""

from datetime import UTC, datetime, timedelta

import pytest

from openprofiles.connectors import Pull, SourceRefused, SourceUnavailable, watermark
from openprofiles.connectors.watermark import (
    SETTLING,
    Batch,
    Row,
    Watermark,
    parse_time,
    read_in_order,
    source_time,
)

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
PULL = Pull(object_name="Account", timestamp_field="at")


class Table:
    """A source that is ordered by time and id, whose clock says NOW."""

    def __init__(self, *, size: int = 2) -> None:
        self.rows: dict[str, datetime] = {}
        self.size = size

    def fetch(self, mark: Watermark) -> Batch:
        found = sorted((at, name) for name, at in self.rows.items())
        if mark.at is not None:
            after = (mark.at, mark.identifier)
            found = [key for key in found if key > after or (key >= after and not mark.identifier)]
        rows = [Row(at, name, {"id": name, "at": at}) for at, name in found[: self.size]]
        return Batch(rows, len(rows) < self.size, NOW)

    def pages(self, bookmark=None, **pull):
        mark = Watermark(Pull(object_name="x", bookmark=bookmark, **pull), service="Source")
        return read_in_order(mark, self.fetch)

    def read(self, bookmark=None, **pull):
        return list(self.pages(bookmark, **pull))


def names(pages) -> list[str]:
    return [record["id"] for page in pages for record in page.records]


def test_a_record_that_becomes_visible_late_comes_with_the_next_pull():
    table = Table()
    table.rows = {"a": NOW - timedelta(minutes=9), "b": NOW - timedelta(minutes=1)}
    first = table.read()

    table.rows["late"] = NOW - timedelta(minutes=2)

    assert names(first) == ["a", "b"]
    assert names(table.read(first[-1].bookmark)) == ["late"]


def test_a_record_that_becomes_visible_late_comes_after_an_interruption_too():
    table = Table(size=1)
    table.rows = {"a": NOW - timedelta(minutes=2), "b": NOW - timedelta(minutes=1)}
    first = next(iter(table.pages()))

    table.rows["late"] = NOW - timedelta(minutes=3)

    assert names([first]) == ["a"]
    assert names(table.read(first.bookmark)) == ["late", "b"]


def test_a_recent_record_that_changed_again_comes_again():
    table = Table()
    table.rows = {"b": NOW - timedelta(minutes=1)}
    first = table.read()

    table.rows["b"] = NOW

    assert names(table.read(first[-1].bookmark)) == ["b"]


def test_what_is_settled_is_not_asked_for_again():
    table = Table()
    table.rows = {"a": NOW - SETTLING}

    bookmark = table.read()[-1].bookmark

    assert bookmark == {"at": (NOW - SETTLING).isoformat(), "id": "a", "recent": {}}


def test_what_is_remembered_is_not_forgotten_before_it_is_passed():
    table = Table(size=1)
    table.rows = {name: NOW - timedelta(seconds=60 - place) for place, name in enumerate("abcde")}
    first = table.read()
    # An hour later all of them are old, but still ahead of the position.
    later = Watermark(Pull(object_name="x", bookmark=first[-1].bookmark), service="Source")

    def fetch(mark: Watermark) -> Batch:
        batch = table.fetch(mark)
        return Batch(batch.rows, batch.is_last, NOW + timedelta(hours=1))

    assert names(first) == list("abcde")
    assert names(read_in_order(later, fetch)) == []


def test_no_more_is_remembered_than_a_bookmark_should_hold(monkeypatch):
    monkeypatch.setattr(watermark, "MOST_REMEMBERED", 2)
    table = Table()
    table.rows = {name: NOW - timedelta(seconds=60 - place) for place, name in enumerate("abcde")}
    bookmark = table.read()[-1].bookmark

    assert set(bookmark["recent"]) == {"d", "e"}
    assert names(table.read(bookmark)) == ["a", "b", "c"]


def test_a_pull_does_not_step_back_before_its_beginning():
    table = Table()
    since = NOW - timedelta(minutes=1)
    table.rows = {"a": since}

    bookmark = table.read(since=since)[-1].bookmark

    assert bookmark["at"] == since.isoformat()
    assert names(table.read(bookmark, since=since)) == []


def test_an_empty_pull_stays_where_it_began():
    since = NOW + timedelta(days=1)

    assert Table().read(since=since)[-1].bookmark["at"] == since.isoformat()


def test_a_later_beginning_goes_before_the_bookmark():
    table = Table()
    table.rows = {"a": NOW - timedelta(hours=2), "b": NOW - timedelta(hours=1)}
    bookmark = {"at": (NOW - timedelta(hours=3)).isoformat(), "id": "z", "recent": {}}

    assert names(table.read(bookmark, since=NOW - timedelta(hours=1))) == ["b"]


def test_a_source_without_a_clock_is_taken_to_be_at_its_last_record():
    mark = Watermark(PULL, service="Source")
    mark.take(Row(NOW, "a", {}))

    assert mark.bookmark(None) == {
        "at": (NOW - SETTLING).isoformat(),
        "id": "",
        "recent": {"a": NOW.isoformat()},
    }


def test_a_source_without_identifiers_remembers_what_has_the_last_time():
    mark = Watermark(PULL, service="Source", has_identifiers=False)
    old = NOW - timedelta(days=1)
    for row in (Row(old - timedelta(hours=1), "a", {}), Row(old, "b", {}), Row(old, "c", {})):
        mark.take(row)

    kept = {"b": old.isoformat(), "c": old.isoformat()}
    assert mark.bookmark(NOW) == {"at": old.isoformat(), "id": "", "recent": kept}


def test_rows_without_a_time_are_read_by_their_identifiers():
    mark = Watermark(PULL, service="Source")

    assert mark.take(Row(None, "a", {}))

    assert mark.bookmark(NOW) == {"at": None, "id": "a", "recent": {}}


def test_a_row_before_the_position_is_unavailable():
    mark = Watermark(PULL, service="Source")
    mark.take(Row(NOW, "a", {}))

    with pytest.raises(SourceUnavailable, match="order"):
        mark.take(Row(NOW - timedelta(seconds=1), "b", {}))


@pytest.mark.parametrize("bookmark", ["x", {"at": 5}, {"at": "x"}, {"recent": []}])
def test_a_foreign_bookmark_is_refused(bookmark):
    with pytest.raises(SourceRefused, match="bookmark"):
        Watermark(Pull(object_name="x", bookmark=bookmark), service="Source")


def test_times_are_in_utc():
    assert parse_time("2026-05-01 12:00:00", service="Source") == NOW
    assert parse_time("2026-05-01T14:00:00+0200", service="Source") == NOW


@pytest.mark.parametrize("value", ["secret", None, 5, "0001-01-01T00:00:00+10:00"])
def test_what_is_no_time_is_not_told(value):
    with pytest.raises(SourceUnavailable) as failed:
        parse_time(value, service="Source")

    assert str(value) not in str(failed.value)


def test_the_clock_of_a_source_is_in_its_answers():
    assert source_time({"date": "Fri, 01 May 2026 12:00:00 GMT"}) == NOW
    assert source_time({"date": "soon"}) is None
    assert source_time({}) is None
