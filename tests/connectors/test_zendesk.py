"""Zendesk: the suite of connectors, and what only Zendesk does."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from openprofiles.connectors import Pull, SourceRecord, SourceRefused, SourceUnavailable
from openprofiles.connectors.testing import CannotBeDone, ConnectorSuite
from openprofiles.connectors.zendesk import KIND, Zendesk
from tests.connectors.fakes.server import Answer
from tests.connectors.fakes.source import IMPATIENT, VendorSource
from tests.connectors.fakes.zendesk import FakeZendesk

TICKETS = Pull(object_name="tickets", timestamp_field="updated_at")
USERS = replace(TICKETS, object_name="users")
ORGANIZATIONS = replace(TICKETS, object_name="organizations")
START = datetime(2026, 5, 1, 8, tzinfo=UTC)


def settings(vendor: FakeZendesk, **changed: str) -> dict[str, str]:
    given = {"instance_url": vendor.url, "client_id": "client", "client_secret": "client-secret"}
    return {**given, **changed}


def opened(vendor: FakeZendesk, *, page_size: int = 3, **changed: str) -> Zendesk:
    return Zendesk(settings(vendor, **changed), limits=IMPATIENT, page_size=page_size)


@pytest.fixture
def vendor() -> Iterator[FakeZendesk]:
    with FakeZendesk() as vendor:
        vendor.page = 3
        yield vendor


class TicketSource(VendorSource):
    first = TICKETS

    def connect(self):
        return opened(self.vendor)

    def connect_wrongly(self):
        return opened(self.vendor, client_secret="wrong-secret")

    def pull(self) -> Pull:
        return self.first

    def put(self, identifier: str, text: str) -> None:
        number = 1000 if identifier == "new" else int(identifier)
        name = {"tickets": "subject"}.get(self.first.object_name, "name")
        at = self.tick().strftime("%Y-%m-%dT%H:%M:%SZ")
        given = {"id": number, "external_id": identifier, name: text, "updated_at": at}
        self.vendor.put(self.first.object_name, **given)

    def identify(self, record: SourceRecord) -> tuple[str, str]:
        return record["external_id"], record.get("subject") or record["name"]

    def wanted_fields(self) -> tuple[str, ...]:
        return "external_id", "subject", "name"


class WithToken(TicketSource):
    first = USERS
    secrets = ("api-token", "wrong-secret")

    def connect(self):
        return opened(self.vendor, email="agent@example.com", api_token="api-token")

    def connect_wrongly(self):
        return opened(self.vendor, email="agent@example.com", api_token="wrong-secret")

    def expire(self) -> None:
        raise CannotBeDone("an API token does not expire")

    def withdraw(self) -> None:
        self.vendor.agent = ("nobody", "")

    def come_back(self) -> None:
        super().come_back()
        self.vendor.agent = ("agent@example.com", "api-token")


class OrganizationSource(TicketSource):
    first = ORGANIZATIONS


class TestTickets(ConnectorSuite):
    @pytest.fixture
    def source(self, vendor) -> TicketSource:
        return TicketSource(vendor)


class TestUsersWithAnApiToken(ConnectorSuite):
    @pytest.fixture
    def source(self, vendor) -> WithToken:
        return WithToken(vendor)


class TestOrganizations(ConnectorSuite):
    @pytest.fixture
    def source(self, vendor) -> OrganizationSource:
        return OrganizationSource(vendor)


def put(vendor: FakeZendesk, kind: str, number: int, *, second: int = 0, **fields) -> None:
    at = (START + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%SZ")
    vendor.put(kind, id=number, updated_at=at, **fields)


def ids(pages) -> list[int]:
    return [record["id"] for page in pages for record in page.records]


def test_an_access_token_is_a_bearer(vendor):
    vendor.tokens.add("by-hand")

    opened(vendor, access_token="by-hand").check()

    assert vendor.requests[-1].bearer == "by-hand"


def test_a_refresh_token_is_the_grant_when_there_is_one(vendor):
    with pytest.raises(SourceRefused, match="no access token"):
        opened(vendor, refresh_token="refresh-1").check()

    assert vendor.requests[-1].form["grant_type"] == "refresh_token"


def test_the_client_asks_for_reading_only(vendor):
    opened(vendor).check()

    assert vendor.asked("/oauth/tokens")[0].form["scope"] == "read"


@pytest.mark.parametrize("lacking", ["instance_url", "client_id", "client_secret"])
def test_a_setting_that_is_needed_is_named(vendor, lacking):
    with pytest.raises(SourceRefused, match=lacking):
        KIND.open(settings(vendor, **{lacking: ""}))


def test_an_api_token_needs_its_agent(vendor):
    with pytest.raises(SourceRefused, match="email"):
        opened(vendor, api_token="api-token")


def test_an_anonymous_user_is_not_let_in(vendor):
    vendor.fail(Answer({"user": {"id": None, "name": "Anonymous user"}}), on="me.json")

    with pytest.raises(SourceRefused, match="does not know"):
        opened(vendor).check()


@pytest.mark.parametrize("document", [[], {"user": None}])
def test_a_check_that_is_answered_otherwise_is_unavailable(vendor, document):
    vendor.fail(Answer(document), on="me.json")

    with pytest.raises(SourceUnavailable):
        opened(vendor).check()


def test_the_fields_of_the_templates_are_told(vendor):
    objects = {each.name: each for each in opened(vendor).objects()}

    names = {field.name for field in objects["tickets"].fields}
    assert {"requester_id", "subject", "description", "status", "created_at"} <= names
    (timestamp,) = (field for field in objects["users"].fields if field.is_timestamp)
    assert timestamp.name == "updated_at"


def test_deleted_tickets_come_when_they_are_asked_for(vendor):
    put(vendor, "tickets", 1)
    put(vendor, "tickets", 2, second=1, status="deleted")

    assert ids(opened(vendor).read(TICKETS)) == [1]
    everything = replace(TICKETS, options={"IncludeDeletedRecords": True})
    assert ids(opened(vendor).read(everything)) == [1, 2]


@pytest.mark.parametrize("pull", [TICKETS, USERS, ORGANIZATIONS])
def test_records_with_equal_times_all_come_once(vendor, pull):
    for number in range(8):
        put(vendor, pull.object_name, number)

    assert sorted(ids(opened(vendor).read(pull))) == list(range(8))


@pytest.mark.parametrize("pull", [TICKETS, USERS, ORGANIZATIONS])
def test_since_is_included_and_until_is_not(vendor, pull):
    for number in range(9):
        put(vendor, pull.object_name, number, second=number)
    bounded = replace(pull, since=START + timedelta(seconds=2), until=START + timedelta(seconds=4))

    assert ids(opened(vendor).read(bounded)) == [2, 3]
    assert len(vendor.asked("incremental")) == 1


@pytest.mark.parametrize("pull", [TICKETS, ORGANIZATIONS])
def test_a_pull_without_a_time_reads_everything(vendor, pull):
    put(vendor, pull.object_name, 1)
    whole = replace(pull, timestamp_field=None, since=START + timedelta(days=1), until=START)

    assert ids(opened(vendor).read(whole)) == [1]


def test_a_ticket_that_only_zendesk_itself_changed_is_not_meant(vendor):
    put(vendor, "tickets", 1)
    changed = int((START + timedelta(minutes=5)).timestamp())
    vendor.items["tickets"][0]["generated_timestamp"] = changed

    bounded = replace(TICKETS, since=START + timedelta(seconds=1))

    assert ids(opened(vendor).read(bounded)) == []


@pytest.mark.parametrize("pull", [TICKETS, ORGANIZATIONS])
def test_a_start_within_the_last_minute_has_nothing_yet_and_is_kept(vendor, pull):
    recent = replace(pull, since=vendor.now - timedelta(seconds=5))

    (page,) = opened(vendor).read(recent)

    assert page.records == ()
    assert page.bookmark["start_time"] == int(recent.since.timestamp())


def test_an_empty_export_without_a_cursor_keeps_its_start(vendor):
    body: dict[str, Any] = {"users": [], "after_cursor": None, "end_of_stream": True}
    vendor.fail(Answer(body), on="incremental")

    (page,) = opened(vendor).read(USERS)

    assert page.bookmark == {"start_time": 0}


@pytest.mark.parametrize("name", ["ticket_events", "../users"])
def test_other_exports_are_refused(vendor, name):
    with pytest.raises(SourceRefused, match="tickets, users, organizations"):
        opened(vendor).read(replace(TICKETS, object_name=name))


def test_another_time_is_refused(vendor):
    with pytest.raises(SourceRefused, match="updated_at"):
        opened(vendor).read(replace(TICKETS, timestamp_field="created_at"))


def test_a_part_of_a_field_is_asked_for_as_a_whole(vendor):
    put(vendor, "tickets", 1, via={"channel": "web"}, subject="s")

    (page,) = opened(vendor).read(replace(TICKETS, fields=("via.channel", "gone")))

    assert page.records == [{"via": {"channel": "web"}}]


@pytest.mark.parametrize("pull", [TICKETS, ORGANIZATIONS])
def test_a_foreign_bookmark_is_refused(vendor, pull):
    with pytest.raises(SourceRefused, match="bookmark"):
        list(opened(vendor).read(replace(pull, bookmark={"at": "2026"})))


def test_a_foreign_memory_is_refused(vendor):
    with pytest.raises(SourceRefused, match="bookmark"):
        list(opened(vendor).read(replace(ORGANIZATIONS, bookmark={"start_time": 5, "seen": 5})))


def test_a_cursor_that_zendesk_does_not_take_is_refused(vendor):
    with pytest.raises(SourceRefused, match="status 400"):
        list(opened(vendor).read(replace(TICKETS, bookmark={"cursor": "!"})))


@pytest.mark.parametrize(
    "document",
    [
        [],
        {"tickets": []},
        {"tickets": None, "end_of_stream": True},
        {"tickets": [1], "end_of_stream": True},
        {"tickets": [], "end_of_stream": False, "after_cursor": None},
    ],
)
def test_an_answer_of_another_form_is_unavailable(vendor, document):
    vendor.fail(Answer(document), on="incremental")

    with pytest.raises(SourceUnavailable):
        list(opened(vendor).read(TICKETS))


def test_an_export_by_time_that_does_not_move_is_no_endless_pull(vendor):
    body: dict[str, Any] = {"organizations": [], "end_time": None, "end_of_stream": False}
    vendor.fail(Answer(body), on="incremental")

    with pytest.raises(SourceUnavailable, match="again and again"):
        list(opened(vendor).read(ORGANIZATIONS))
