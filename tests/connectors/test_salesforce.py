"""Salesforce: the suite of connectors, and what only Salesforce does."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from openprofiles.connectors import Pull, SourceRecord, SourceRefused, SourceUnavailable
from openprofiles.connectors.salesforce import KIND, Salesforce
from openprofiles.connectors.testing import ConnectorSuite
from tests.connectors.fakes.salesforce import FakeSalesforce, failure
from tests.connectors.fakes.server import Answer
from tests.connectors.fakes.source import IMPATIENT, VendorSource

PULL = Pull(object_name="Account", timestamp_field="SystemModstamp")


def settings(vendor: FakeSalesforce, **changed: str) -> dict[str, str]:
    given = {"instance_url": vendor.url, "client_id": "app-id", "client_secret": "app-secret"}
    return {**given, **changed}


def opened(vendor: FakeSalesforce, *, page_size: int = 3, **changed: str) -> Salesforce:
    return Salesforce(settings(vendor, **changed), limits=IMPATIENT, page_size=page_size)


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000+0000")


@pytest.fixture
def vendor() -> Iterator[FakeSalesforce]:
    with FakeSalesforce() as vendor:
        yield vendor


class SalesforceSource(VendorSource):
    secrets = ("app-secret", "refresh-1", "session-", "wrong-secret")

    def connect(self):
        return opened(self.vendor)

    def connect_wrongly(self):
        return opened(self.vendor, client_secret="wrong-secret")

    def pull(self) -> Pull:
        return PULL

    def put(self, identifier: str, text: str) -> None:
        self.vendor.put("Account", Id=identifier, Name=text, LastModifiedDate=stamp(self.tick()))

    def identify(self, record: SourceRecord) -> tuple[str, str]:
        return record["Id"], record["Name"]

    def wanted_fields(self) -> tuple[str, ...]:
        return "Id", "Name"


class TestSalesforce(ConnectorSuite):
    @pytest.fixture
    def source(self, vendor) -> SalesforceSource:
        return SalesforceSource(vendor)


def put(vendor: FakeSalesforce, number: int, *, at: str = "2026-05-01T08:00:00.000+0000", **fields):
    vendor.put("Account", Id=f"001{number:03}", Name=f"n{number}", LastModifiedDate=at, **fields)


def ids(pages) -> list[str]:
    return [record["Id"] for page in pages for record in page.records]


def test_a_refresh_token_gives_sessions(vendor):
    connector = opened(vendor, refresh_token="refresh-1")

    connector.check()

    (token,) = vendor.asked("/services/oauth2/token")
    assert token.form == {
        "grant_type": "refresh_token",
        "client_id": "app-id",
        "client_secret": "app-secret",
        "refresh_token": "refresh-1",
    }


def test_a_withdrawn_refresh_token_is_refused(vendor):
    vendor.refresh_token = None

    with pytest.raises(SourceRefused, match="no access token"):
        opened(vendor, refresh_token="refresh-1").check()


@pytest.mark.parametrize("lacking", ["instance_url", "client_id", "client_secret"])
def test_a_setting_that_is_needed_is_named(vendor, lacking):
    with pytest.raises(SourceRefused, match=lacking):
        KIND.open(settings(vendor, **{lacking: " "}))


def test_the_kind_opens_a_connector_without_reaching_the_source(vendor):
    KIND.open(settings(vendor)).close()

    assert vendor.requests == []


def test_the_version_of_the_api_is_a_setting(vendor):
    vendor.fail(Answer({}), on="data")

    opened(vendor, api_version="v66.0").check()

    assert vendor.requests[-1].path == "/services/data/v66.0/"


def test_a_version_that_cannot_be_one_is_refused(vendor):
    with pytest.raises(SourceRefused, match="api_version"):
        opened(vendor, api_version="latest")


def test_objects_that_can_be_queried_are_told_with_the_fields_of_the_templates(vendor):
    objects = {each.name: each for each in opened(vendor).objects()}

    assert set(objects) == {"Account", "Contact"}
    assert objects["Account"].text == "Account label"
    timestamps = {field.name for field in objects["Account"].fields if field.is_timestamp}
    assert timestamps == {"CreatedDate", "LastModifiedDate", "SystemModstamp"}
    assert "Photo" not in {field.name for field in objects["Account"].fields}


def test_records_with_equal_timestamps_are_paged_by_their_ids(vendor):
    for number in range(10):
        put(vendor, number)

    pages = list(opened(vendor).read(PULL))

    assert ids(pages) == [f"001{number:03}" for number in range(10)]
    assert len(pages) == 4


def test_a_batch_that_is_smaller_than_the_page_is_completed_by_its_locator(vendor):
    vendor.batch = 2
    for number in range(5):
        put(vendor, number)

    pages = list(opened(vendor, page_size=5).read(PULL))

    assert [len(page.records) for page in pages] == [5, 0]
    assert any("01gD" in request.path for request in vendor.requests)


def test_a_lost_locator_is_unavailable(vendor):
    vendor.batch = 1
    put(vendor, 1)
    put(vendor, 2)
    lost = failure(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    vendor.fail(lost, on="/query/01gD")

    with pytest.raises(SourceUnavailable, match="INVALID_QUERY_LOCATOR"):
        list(opened(vendor).read(PULL))


def test_a_batch_without_records_is_no_endless_pull(vendor):
    path = "/services/data/v64.0/query/01gD-1"
    vendor.fail(Answer({"records": [], "nextRecordsUrl": path}), on="/query", times=2)

    with pytest.raises(SourceUnavailable, match="no records"):
        list(opened(vendor).read(PULL))


def test_deleted_records_come_when_they_are_asked_for(vendor):
    put(vendor, 1)
    put(vendor, 2)
    vendor.delete("Account", "001001", at="2026-05-01T09:00:00.000+0000")
    everything = replace(PULL, options={"IncludeDeletedRecords": True})

    (alive,) = opened(vendor).read(PULL)
    (both,) = opened(vendor).read(everything)

    assert ids([alive]) == ["001002"]
    assert ids([both]) == ["001002", "001001"]
    assert [isinstance(each, dict) and each["IsDeleted"] for each in both.records] == [False, True]


def test_since_is_included_and_until_is_not(vendor):
    for number in range(4):
        put(vendor, number, at=f"2026-05-01T08:00:0{number}.000+0000")
    start = datetime(2026, 5, 1, 8, tzinfo=UTC)
    pull = replace(PULL, since=start + timedelta(seconds=1), until=start + timedelta(seconds=3))

    assert ids(opened(vendor).read(pull)) == ["001001", "001002"]


def test_records_without_the_timestamp_are_left_out(vendor):
    vendor.types["Account"]["Visited__c"] = "datetime"
    put(vendor, 1)
    put(vendor, 2, Visited__c="2026-05-01T08:00:00.000+0000")

    assert ids(opened(vendor).read(replace(PULL, timestamp_field="visited__c"))) == ["001002"]


def test_a_pull_without_a_timestamp_reads_everything_by_id(vendor):
    for number in range(4):
        put(vendor, number)
    connector = opened(vendor)

    first, second = connector.read(replace(PULL, timestamp_field=None))

    assert ids([first, second]) == ["001000", "001001", "001002", "001003"]
    rest = connector.read(replace(PULL, timestamp_field=None, bookmark=first.bookmark))
    assert ids(rest) == ["001003"]


def test_fields_that_the_org_does_not_have_are_left_out_and_others_keep_the_wanted_spelling(vendor):
    put(vendor, 1, BillingAddress={"street": "1 Main St", "postalCode": "10001"})
    pull = replace(
        PULL, fields=("id", "PersonEmail", "BillingAddress.Street", "BillingAddress.PostalCode")
    )

    (page,) = opened(vendor).read(pull)

    address = {"Street": "1 Main St", "PostalCode": "10001"}
    assert page.records == [{"id": "001001", "BillingAddress": address}]


def test_an_empty_address_stays_empty(vendor):
    put(vendor, 1)

    (page,) = opened(vendor).read(PULL)

    assert isinstance(page.records[0], dict)
    assert page.records[0]["BillingAddress"] is None


def test_a_field_that_goes_away_during_a_pull_does_not_stop_it(vendor):
    for number in range(4):
        put(vendor, number)
    pages = opened(vendor).read(PULL)
    first = next(pages)

    del vendor.types["Account"]["Phone"]

    assert ids([first, *pages]) == ["001000", "001001", "001002", "001003"]


def test_a_timestamp_that_goes_away_is_refused(vendor):
    for number in range(4):
        put(vendor, number)
    pages = opened(vendor).read(PULL)
    next(pages)

    del vendor.types["Account"]["SystemModstamp"]

    with pytest.raises(SourceRefused, match="timestamp"):
        next(pages)


@pytest.mark.parametrize("name", ["Name", "Nothing__c"])
def test_a_timestamp_field_must_be_one(vendor, name):
    with pytest.raises(SourceRefused, match="timestamp field"):
        list(opened(vendor).read(replace(PULL, timestamp_field=name)))


@pytest.mark.parametrize("name", ["Account WHERE", "../limits", ""])
def test_an_object_with_an_impossible_name_is_refused_before_anything_is_asked(vendor, name):
    with pytest.raises(SourceRefused, match="name that cannot be one"):
        list(opened(vendor).read(replace(PULL, object_name=name)))

    assert vendor.requests == []


def test_too_many_fields_for_one_address_are_refused(vendor):
    vendor.types["Account"] |= {f"Custom_{n:04}_with_a_long_name__c": "string" for n in range(500)}

    with pytest.raises(SourceRefused, match="so many fields"):
        list(opened(vendor).read(PULL))


def test_the_daily_limit_of_requests_is_unavailable(vendor):
    vendor.fail(failure(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), on="data")

    with pytest.raises(SourceUnavailable, match="REQUEST_LIMIT_EXCEEDED") as failed:
        opened(vendor).check()

    assert failed.value.retry_after == 900


def test_missing_rights_are_refused_without_the_words_of_the_answer(vendor):
    vendor.fail(failure(403, "API_DISABLED_FOR_ORG", "Jane may not"), on="data")

    with pytest.raises(SourceRefused, match="does not allow") as failed:
        opened(vendor).check()

    assert "Jane" not in str(failed.value)


@pytest.mark.parametrize("document", [[], [1], {"error": "x"}, [{"errorCode": ["x"]}]])
def test_an_error_of_another_form_is_refused(vendor, document):
    vendor.fail(Answer(document, 400), on="data")

    with pytest.raises(SourceRefused, match="status 400"):
        opened(vendor).check()


@pytest.mark.parametrize(
    "document",
    [
        [],
        {"records": None},
        {"records": [1]},
        {"records": [{"Name": "no id"}]},
        {"records": [{"Id": "001", "SystemModstamp": "soon"}]},
    ],
)
def test_an_answer_of_another_form_is_unavailable(vendor, document):
    vendor.fail(Answer(document), on="/query")

    with pytest.raises(SourceUnavailable):
        list(opened(vendor).read(PULL))


def test_an_answer_that_breaks_off_is_unavailable(vendor):
    put(vendor, 1)
    vendor.fail(Answer({"records": [{"Id": "001" * 100}]}, cut=True), on="/query")

    with pytest.raises(SourceUnavailable):
        list(opened(vendor).read(PULL))


@pytest.mark.parametrize("bookmark", [{"at": 5}, {"recent": []}, {"at": "x"}, {"id": "1' OR '"}])
def test_a_foreign_bookmark_is_refused(vendor, bookmark):
    with pytest.raises(SourceRefused, match="bookmark"):
        list(opened(vendor).read(replace(PULL, timestamp_field=None, bookmark=bookmark)))
