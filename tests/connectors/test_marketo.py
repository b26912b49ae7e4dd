"""Marketo: the suite of connectors, and what only Marketo does."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from openprofiles.connectors import (
    Malformed,
    Page,
    Pull,
    SourceRecord,
    SourceRefused,
    SourceUnavailable,
)
from openprofiles.connectors.marketo import KIND, Marketo, files
from openprofiles.connectors.marketo.connector import HELD_BACK
from openprofiles.connectors.testing import ConnectorSuite
from openprofiles.connectors.web import Limits
from tests.connectors.fakes.marketo import FakeMarketo, failure
from tests.connectors.fakes.server import Answer
from tests.connectors.fakes.source import VendorSource

PULL = Pull(object_name="leads", timestamp_field="updatedAt")
START = datetime(2026, 5, 1, 8, tzinfo=UTC)


@pytest.fixture
def slept() -> list[float]:
    return []


def settings(vendor: FakeMarketo, **changed: str) -> dict[str, str]:
    given = {
        "instance_url": vendor.url,
        "client_id": "client-id",
        "client_secret": "client-secret",
        "first_day": "2026-05-01",
    }
    return {**given, **changed}


def opened(
    vendor: FakeMarketo, slept: list[float] | None = None, *, page_size: int = 3, **changed: str
) -> Marketo:
    naps: list[float] = [] if slept is None else slept
    limits = Limits(waits=(), sleep=naps.append)
    return Marketo(settings(vendor, **changed), limits=limits, page_size=page_size)


@pytest.fixture
def vendor() -> Iterator[FakeMarketo]:
    with FakeMarketo() as vendor:
        vendor.now = START + timedelta(days=1)
        yield vendor


class MarketoSource(VendorSource):
    def __init__(self, vendor: FakeMarketo) -> None:
        super().__init__(vendor)
        self.tick()

    def tick(self) -> datetime:
        self.at += timedelta(seconds=2)
        # Exports end so long before the clock: a change that comes later is behind their end.
        self.vendor.now = self.at + HELD_BACK + timedelta(seconds=1)
        return self.at

    def connect(self):
        return opened(self.vendor)

    def connect_wrongly(self):
        return opened(self.vendor, client_secret="wrong-secret")

    def pull(self) -> Pull:
        return PULL

    def put(self, identifier: str, text: str) -> None:
        at = self.tick().strftime("%Y-%m-%dT%H:%M:%SZ")
        number = 1000 if identifier == "new" else int(identifier)
        self.vendor.put(
            id=number, sfdcContactId=identifier, firstName=text, createdAt=at, updatedAt=at
        )

    def identify(self, record: SourceRecord) -> tuple[str, str]:
        return record["sfdcContactId"], record["firstName"]

    def wanted_fields(self) -> tuple[str, ...]:
        return "sfdcContactId", "firstName"

    def put_malformed(self, text: str) -> None:
        self.vendor.junk.append(f"{text},too few")


class TestMarketo(ConnectorSuite):
    @pytest.fixture
    def source(self, vendor) -> MarketoSource:
        return MarketoSource(vendor)


def put(vendor: FakeMarketo, number: int, *, day: int = 0, **fields) -> None:
    at = (START + timedelta(days=day)).strftime("%Y-%m-%dT%H:%M:%SZ")
    vendor.put(**{"id": number, "createdAt": at, "updatedAt": at, **fields})


def records(pages) -> list[SourceRecord]:
    return [record for page in pages for record in page.records]


def ids(pages) -> list[str]:
    return [record["id"] for record in records(pages)]


@pytest.mark.parametrize("lacking", ["instance_url", "client_id", "client_secret"])
def test_a_setting_that_is_needed_is_named(vendor, lacking):
    with pytest.raises(SourceRefused, match=lacking):
        KIND.open(settings(vendor, **{lacking: ""}))


def test_a_first_day_that_is_none_is_refused(vendor):
    with pytest.raises(SourceRefused, match="first_day"):
        opened(vendor, first_day="yesterday")


def test_the_address_may_be_the_one_that_marketo_shows(vendor):
    opened(vendor, instance_url=f"{vendor.url}/rest").check()

    assert [request.path for request in vendor.requests] == [
        "/identity/oauth/token",
        "/rest/v1/leads/describe.json",
    ]


def test_a_token_is_kept_as_long_as_it_lives(vendor):
    connector = opened(vendor)

    connector.check()
    connector.check()

    assert len(vendor.asked("/identity")) == 1


@pytest.mark.parametrize("document", [[], {}, {"access_token": "x", "expires_in": "soon"}])
def test_an_identity_of_another_form_is_unavailable(vendor, document):
    vendor.fail(Answer(document), on="/identity")

    with pytest.raises(SourceUnavailable, match="no access token"):
        opened(vendor).check()


def test_leads_are_told_with_the_fields_that_the_api_knows(vendor):
    (leads,) = opened(vendor).objects()

    assert [field.name for field in leads.fields] == list(vendor.fields)
    timestamps = {field.name for field in leads.fields if field.is_timestamp}
    assert timestamps == {"createdAt", "updatedAt"}


def test_there_are_leads_only(vendor):
    with pytest.raises(SourceRefused, match="leads only"):
        opened(vendor).read(replace(PULL, object_name="companies"))


def test_exports_are_by_two_times_only(vendor):
    with pytest.raises(SourceRefused, match="updatedAt or createdAt"):
        opened(vendor).read(replace(PULL, timestamp_field="dateOfBirth"))


def test_a_long_time_is_exported_in_windows_of_31_days(vendor):
    for number in range(5):
        put(vendor, number, day=20 * number)
    vendor.now = START + timedelta(days=100)

    pages = list(opened(vendor).read(PULL))

    assert ids(pages) == ["0", "1", "2", "3", "4"]
    windows = [job["filter"][1:] for job in vendor.jobs.values()]
    assert [end - start for start, end in windows][:3] == [timedelta(days=31)] * 3
    assert [start for start, _ in windows[1:]] == [end for _, end in windows[:-1]]
    assert windows[-1][1] == vendor.now - HELD_BACK


def test_changes_that_updatedat_does_not_show_come_too(vendor):
    put(vendor, 1)
    bookmark = list(opened(vendor).read(PULL))[-1].bookmark
    changed = (START + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    put(vendor, 1, changed_at=changed)
    vendor.now = START + timedelta(days=3)

    later = list(opened(vendor).read(replace(PULL, bookmark=bookmark)))

    assert ids(later) == ["1"]


def test_since_and_until_bound_the_export(vendor):
    for number in range(4):
        put(vendor, number, day=number)
    vendor.now = START + timedelta(days=10)
    since, until = START + timedelta(days=1), START + timedelta(days=2, seconds=-1)

    pages = opened(vendor).read(replace(PULL, since=since, until=until))

    assert ids(pages) == ["1"]


def test_a_pull_without_a_time_exports_by_when_leads_were_created(vendor):
    put(vendor, 1)

    pages = list(opened(vendor).read(replace(PULL, timestamp_field=None, since=vendor.now)))

    assert ids(pages) == ["1"]
    assert [job["filter"][0] for job in vendor.jobs.values()] == ["createdAt"]


def test_values_are_texts_or_nothing_and_names_are_as_wanted(vendor):
    put(vendor, 1, postalCode="10001")

    pages = opened(vendor).read(replace(PULL, fields=("id", "postalcode", "email", "gone")))

    assert records(pages) == [{"id": "1", "postalcode": "10001", "email": None}]


def test_no_known_field_is_refused(vendor):
    with pytest.raises(SourceRefused, match="none of the fields"):
        list(opened(vendor).read(replace(PULL, fields=("gone",))))


def test_rows_over_several_lines_and_with_quotes_are_one(vendor):
    put(vendor, 1, firstName='two\nlines, "quoted"\r\n')
    put(vendor, 2, firstName="x")

    found = records(opened(vendor).read(replace(PULL, fields=("id", "firstName"))))

    assert found == [
        {"id": "1", "firstName": 'two\nlines, "quoted"\r\n'},
        {"id": "2", "firstName": "x"},
    ]


def test_a_file_is_fetched_in_parts(vendor, monkeypatch):
    monkeypatch.setattr(files, "PART_BYTES", 7)
    for number in range(9):
        put(vendor, number)

    pages = opened(vendor).read(replace(PULL, fields=("id", "firstName")))

    assert ids(pages) == [str(number) for number in range(9)]
    assert len(vendor.asked("file.json")) > 5


def test_a_server_without_ranges_sends_the_whole_file(vendor):
    put(vendor, 1)
    pull = replace(PULL, fields=("id",))
    content = b"id\n1\n"
    vendor.fail(Answer(content, headers={"Content-Type": "text/csv"}), on="file.json")

    assert ids(opened(vendor).read(pull)) == ["1"]


@pytest.mark.parametrize(("content", "problem"), [(b"", "shorter"), (b"ix\n1\n", "other columns")])
def test_a_file_that_is_not_the_one_announced_is_unavailable(vendor, content, problem):
    put(vendor, 1)
    vendor.fail(Answer(content, headers={"Content-Type": "text/csv"}), on="file.json")

    with pytest.raises(SourceUnavailable, match=problem):
        list(opened(vendor).read(replace(PULL, fields=("id",))))


def test_an_empty_file_has_no_rows():
    assert list(files.rows(lambda _start, _length: b"", 0, 0, ["id"])) == []


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"1,2\n", "the row has 2 values, not 1"),
        (b'"1"x\n', "the row is no CSV in UTF-8"),
        (b"\xff\n", "the row is no CSV in UTF-8"),
    ],
)
def test_a_malformed_row_does_not_stop_the_rest(row, reason):
    content = b"id\n" + row + b"2"

    found = list(
        files.rows(lambda start, length: content[start:][:length], len(content), 0, ["id"])
    )

    malformed, good = (each.values for each in found)
    assert malformed == Malformed("byte 3", reason, row.decode(errors="replace"))
    assert good == {"id": "2"}
    assert found[-1].end == len(content)


def test_a_quote_that_never_ends_takes_no_more_than_a_row_may_have(monkeypatch):
    monkeypatch.setattr(files, "LONGEST_ROW", 6)
    content = b'id\n"1\n2\n3\n4\n5\n'

    found = list(
        files.rows(lambda start, length: content[start:][:length], len(content), 0, ["id"])
    )

    assert isinstance(found[0].values, Malformed)
    assert [row.values for row in found[1:]] == [{"id": "4"}, {"id": "5"}]


def test_a_short_job_is_waited_for(vendor, slept):
    put(vendor, 1)

    list(opened(vendor, slept).read(PULL))

    assert slept == [30.0]


def test_a_job_that_takes_long_is_left_for_later_and_found_again(vendor):
    put(vendor, 1)
    vendor.faults += [still_processing] * 2
    found: list[Page] = []

    with pytest.raises(SourceUnavailable, match="still writing") as failed:
        keep(opened(vendor).read(PULL), found)

    assert failed.value.retry_after == 60
    assert [page.bookmark["polls"] for page in found] == [0, 1]
    rest = opened(vendor).read(replace(PULL, bookmark=found[-1].bookmark))
    assert ids(rest) == ["1"]
    assert len(vendor.jobs) == 1


def test_a_job_that_takes_for_ever_is_a_failed_attempt(vendor):
    first = next(opened(vendor).read(PULL))
    vendor.faults += [still_processing] * 2
    bookmark = {**first.bookmark, "polls": 240}
    found: list[Page] = []

    with pytest.raises(SourceUnavailable, match="still writing"):
        keep(opened(vendor).read(replace(PULL, bookmark=bookmark)), found)

    assert found == []


def still_processing(request) -> Answer | None:
    if "status" not in request.path:
        return None
    return Answer({"success": True, "result": [{"status": "Processing"}]})


@pytest.mark.parametrize(
    "answer", [None, failure("1004", "not found"), Answer({"success": True, "result": []})]
)
def test_a_job_that_is_lost_is_ordered_again(vendor, answer):
    put(vendor, 1)
    if answer is None:
        vendor.failing = True
    else:
        vendor.fail(answer, on="status.json")
    found: list[Page] = []

    with pytest.raises(SourceUnavailable, match="export"):
        keep(opened(vendor).read(PULL), found)

    vendor.failing = False
    assert ids(opened(vendor).read(replace(PULL, bookmark=found[-1].bookmark))) == ["1"]
    assert len(vendor.jobs) == 2


def keep(pages, found: list[Page]) -> None:
    """What comes before an error, too."""
    for page in pages:
        found.append(page)  # noqa: PERF402 - extend would keep nothing when the last one fails


def test_missing_rights_are_refused_while_a_job_is_waited_for(vendor):
    vendor.fail(failure("603", "Access denied"), on="status.json")

    with pytest.raises(SourceRefused, match="603"):
        list(opened(vendor).read(PULL))


@pytest.mark.parametrize("result", [[], [{}], [{"exportId": "../x"}]])
def test_a_job_without_an_id_is_unavailable(vendor, result):
    vendor.fail(Answer({"success": True, "result": result}), on="create.json")

    with pytest.raises(SourceUnavailable, match="no id"):
        list(opened(vendor).read(PULL))


@pytest.mark.parametrize(("code", "wait"), [("606", 20), ("615", 20), ("607", 900), ("611", 60)])
def test_errors_that_pass_are_unavailable(vendor, code, wait):
    vendor.fail(failure(code, "Max rate limit '100' exceeded with in '20' secs"), on="describe")

    with pytest.raises(SourceUnavailable, match=code) as failed:
        opened(vendor).check()

    assert failed.value.retry_after == wait


def test_a_full_queue_of_exports_is_unavailable(vendor):
    for number in range(10):
        vendor.jobs[str(number)] = {"status": "Queued"}

    with pytest.raises(SourceUnavailable, match="1029"):
        list(opened(vendor).read(PULL))


def test_a_subscription_without_exports_by_updatedat_is_told_what_to_do(vendor):
    vendor.filters.remove("updatedAt")

    with pytest.raises(SourceRefused, match="support enables"):
        list(opened(vendor).read(PULL))


@pytest.mark.parametrize(("code", "told"), [("1006", "error 1006"), ("Jane", "of no number")])
def test_other_errors_are_refused_without_their_message(vendor, code, told):
    vendor.fail(failure(code, "Jane"), on="describe")

    with pytest.raises(SourceRefused, match=told) as failed:
        opened(vendor).check()

    assert "Jane" not in str(failed.value)


@pytest.mark.parametrize("code", ["601", "602"])
def test_a_token_that_is_over_is_renewed(vendor, code):
    vendor.fail(failure(code, "Access token expired"), on="describe")

    opened(vendor).check()

    assert len(vendor.asked("/identity")) == 2


@pytest.mark.parametrize(
    "document",
    [
        [],
        {"success": True},
        {"success": True, "result": [1]},
        {"success": False},
        {"success": False, "errors": ["x"]},
    ],
)
def test_an_answer_of_another_form_is_unavailable(vendor, document):
    vendor.fail(Answer(document), on="describe")

    with pytest.raises(SourceUnavailable):
        opened(vendor).check()


@pytest.mark.parametrize(
    "bookmark",
    [
        {"cursor": "x"},
        {"start": 5},
        {"start": "x"},
        {"start": "2026-05-01T08:00:00Z", "end": "x"},
        {"start": "2026-05-01T08:00:00Z", "offset": "x"},
        ["start"],
    ],
)
def test_a_foreign_bookmark_is_refused(vendor, bookmark):
    with pytest.raises(SourceRefused, match="bookmark"):
        opened(vendor).read(replace(PULL, bookmark=bookmark))
