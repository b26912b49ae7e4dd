"""ServiceNow: the suite of connectors, and what only ServiceNow does."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from openprofiles.connectors import Pull, SourceRecord, SourceRefused, SourceUnavailable
from openprofiles.connectors.servicenow import KIND, ServiceNow
from openprofiles.connectors.testing import CannotBeDone, ConnectorSuite
from tests.connectors.fakes.server import Answer
from tests.connectors.fakes.servicenow import FakeServiceNow, failure
from tests.connectors.fakes.source import IMPATIENT, VendorSource

PULL = Pull(object_name="sys_user", timestamp_field="sys_updated_on")
TASKS = replace(PULL, object_name="task")


def settings(vendor: FakeServiceNow, **changed: str) -> dict[str, str]:
    given = {"instance_url": vendor.url, "client_id": "client-id", "client_secret": "client-secret"}
    return {**given, **changed}


def opened(vendor: FakeServiceNow, *, page_size: int = 3, **changed: str) -> ServiceNow:
    return ServiceNow(settings(vendor, **changed), limits=IMPATIENT, page_size=page_size)


@pytest.fixture
def vendor() -> Iterator[FakeServiceNow]:
    with FakeServiceNow() as vendor:
        yield vendor


class ServiceNowSource(VendorSource):
    def connect(self):
        return opened(self.vendor)

    def connect_wrongly(self):
        return opened(self.vendor, client_secret="wrong-secret")

    def pull(self) -> Pull:
        return PULL

    def put(self, identifier: str, text: str) -> None:
        at = self.tick().strftime("%Y-%m-%d %H:%M:%S")
        self.vendor.put(
            "sys_user", sys_id=identifier, first_name=text, last_name="x", sys_updated_on=at
        )

    def identify(self, record: SourceRecord) -> tuple[str, str]:
        return record["sys_id"], record["first_name"]

    def wanted_fields(self) -> tuple[str, ...]:
        return "sys_id", "first_name"


class WithPassword(ServiceNowSource):
    secrets = ("password", "wrong-secret")

    def connect(self):
        given = {"instance_url": self.vendor.url, "username": "reader", "password": "password"}
        return ServiceNow(given, limits=IMPATIENT, page_size=3)

    def connect_wrongly(self):
        given = {"instance_url": self.vendor.url, "username": "reader", "password": "wrong-secret"}
        return ServiceNow(given, limits=IMPATIENT)

    def expire(self) -> None:
        raise CannotBeDone("a password does not expire")

    def withdraw(self) -> None:
        self.vendor.user = ("nobody", "")

    def come_back(self) -> None:
        super().come_back()
        self.vendor.user = ("reader", "password")


class TestServiceNow(ConnectorSuite):
    @pytest.fixture
    def source(self, vendor) -> ServiceNowSource:
        return ServiceNowSource(vendor)


class TestServiceNowWithAPassword(ConnectorSuite):
    @pytest.fixture
    def source(self, vendor) -> WithPassword:
        return WithPassword(vendor)


def put(vendor: FakeServiceNow, number: int, *, at: str = "2026-05-01 08:00:00", **fields: str):
    vendor.put("task", sys_id=f"{number:032x}", number=f"T{number}", sys_updated_on=at, **fields)


def numbers(pages) -> list[str]:
    return [record["number"] for page in pages for record in page.records]


def test_a_refresh_token_gives_access(vendor):
    opened(vendor, refresh_token="refresh-1").check()

    (token,) = vendor.asked("/oauth_token.do")
    assert token.form["grant_type"] == "refresh_token"


@pytest.mark.parametrize("lacking", ["instance_url", "client_id", "client_secret"])
def test_a_setting_that_is_needed_is_named(vendor, lacking):
    with pytest.raises(SourceRefused, match=lacking):
        KIND.open(settings(vendor, **{lacking: ""}))


def test_a_user_without_a_password_is_refused(vendor):
    with pytest.raises(SourceRefused, match="password"):
        opened(vendor, username="reader")


def test_tables_are_told_with_the_fields_that_they_inherit(vendor):
    objects = {each.name: each for each in opened(vendor).objects()}

    assert set(objects) == {"sys_user", "task", "incident"}
    fields = {field.name: field for field in objects["incident"].fields}
    assert {"caller_id", "opened_by", "sys_updated_on"} <= set(fields)
    assert fields["resolved_at"].is_timestamp
    assert fields["due_date"].is_timestamp
    assert not fields["caller_id"].is_timestamp


def test_a_closed_list_of_tables_leaves_those_of_the_templates(vendor):
    vendor.fail(failure(403, "Operation Failed", "ACL Exception"), on="sys_db_object")

    objects = opened(vendor).objects()

    assert [each.name for each in objects] == ["sys_user", "task", "incident"]
    assert objects[0].fields == ()


def test_a_table_that_extends_itself_is_no_trap(vendor):
    for row in vendor.tables["sys_db_object"]:
        row["super_class"] = row["sys_id"]

    assert len(opened(vendor).objects()) == 3


def test_other_refusals_are_told(vendor):
    vendor.fail(failure(400, "Invalid", None), on="sys_db_object")

    with pytest.raises(SourceRefused):
        opened(vendor).objects()


def test_records_with_equal_times_are_paged_by_their_ids(vendor):
    for number in range(8):
        put(vendor, number)
    put(vendor, 8, at="2026-05-01 08:00:01")

    pages = list(opened(vendor).read(TASKS))

    assert numbers(pages) == [f"T{number}" for number in range(9)]


def test_many_records_with_one_time_are_read_by_their_ids(vendor):
    for number in range(20):
        put(vendor, number)
    for number in range(20, 24):
        put(vendor, number, at=f"2026-05-01 08:00:{number}")

    pages = list(opened(vendor).read(TASKS))

    assert numbers(pages) == [f"T{number}" for number in range(24)]


def test_records_that_may_not_be_read_do_not_end_a_pull(vendor):
    for number in range(30):
        put(vendor, number, at=f"2026-05-01 08:00:{number:02}")
    vendor.hidden = {f"{number:032x}" for number in range(2, 28)}

    pages = list(opened(vendor).read(TASKS))

    assert numbers(pages) == ["T0", "T1", "T28", "T29"]


def test_a_table_without_a_record_that_may_be_read_is_empty(vendor):
    for number in range(30):
        put(vendor, number)
    vendor.hidden = {f"{number:032x}" for number in range(30)}

    (page,) = opened(vendor, page_size=20).read(TASKS)

    assert page.records == []


def test_since_is_included_and_until_is_not(vendor):
    for number in range(6):
        put(vendor, number, at=f"2026-05-01 08:00:0{number}")
    start = datetime(2026, 5, 1, 8, tzinfo=UTC)
    pull = replace(TASKS, since=start + timedelta(seconds=1), until=start + timedelta(seconds=5))

    assert numbers(opened(vendor).read(pull)) == ["T1", "T2", "T3", "T4"]


def test_records_without_the_time_are_left_out(vendor):
    put(vendor, 1, due_date="")
    put(vendor, 2, due_date="2026-05-01 08:00:00")

    assert numbers(opened(vendor).read(replace(TASKS, timestamp_field="due_date"))) == ["T2"]


def test_a_pull_without_a_time_reads_everything_by_id(vendor):
    for number in range(4):
        put(vendor, number)

    pages = opened(vendor).read(replace(TASKS, timestamp_field=None))

    assert numbers(pages) == ["T0", "T1", "T2", "T3"]


def test_references_have_the_link_that_the_templates_look_for(vendor):
    put(vendor, 1, opened_by="5" * 32)
    pull = replace(TASKS, fields=("number", "opened_by.link", "opened_by.value"))

    (page,) = opened(vendor).read(pull)

    link = f"{vendor.url}/api/now/table/sys_user/{'5' * 32}"
    opened_by = {"link": link, "value": "5" * 32}
    assert page.records == [{"number": "T1", "opened_by": opened_by}]


def test_a_field_of_the_referenced_record_can_be_wanted(vendor):
    vendor.put("sys_user", sys_id="5" * 32, email="jane@example.com")
    put(vendor, 1, opened_by="5" * 32)

    (page,) = opened(vendor).read(replace(TASKS, fields=("opened_by.email",)))

    assert page.records == [{"opened_by.email": "jane@example.com"}]


def test_a_field_that_is_not_there_is_left_out(vendor):
    put(vendor, 1)

    (page,) = opened(vendor).read(replace(TASKS, fields=("number", "u_gone")))

    assert page.records == [{"number": "T1"}]


def test_a_time_that_the_table_does_not_show_is_refused_instead_of_read_for_ever(vendor):
    put(vendor, 1)

    with pytest.raises(SourceRefused, match="u_changed"):
        list(opened(vendor).read(replace(TASKS, timestamp_field="u_changed")))


def test_a_condition_that_is_ignored_is_no_endless_pull(vendor):
    for number in range(3):
        put(vendor, number)
    pages = opened(vendor).read(TASKS)
    first = next(pages)
    same = [dict(record) for record in first.records if isinstance(record, dict)]
    vendor.fail(Answer({"result": same}), on="task", times=2)

    with pytest.raises(SourceUnavailable, match="again and again"):
        next(pages)


def test_an_order_that_is_ignored_is_unavailable(vendor):
    rows = [
        {"sys_id": "1", "sys_updated_on": "2026-05-01 08:00:01"},
        {"sys_id": "2", "sys_updated_on": "2026-05-01 08:00:00"},
    ]
    vendor.fail(Answer({"result": rows}), on="task")

    with pytest.raises(SourceUnavailable, match="order"):
        list(opened(vendor).read(TASKS))


@pytest.mark.parametrize("name", ["incident^active=true", "a/b", ""])
def test_a_table_with_an_impossible_name_is_refused(vendor, name):
    with pytest.raises(SourceRefused, match="name that cannot be one"):
        list(opened(vendor).read(replace(TASKS, object_name=name)))


@pytest.mark.parametrize(
    "document",
    [
        [],
        {"result": {}},
        {"result": ["x"]},
        {
            "result": [],
            "error": {"message": "Transaction cancelled: maximum execution time exceeded"},
        },
        {"result": [{"sys_updated_on": "2026-05-01 08:00:00"}]},
        {"result": [{"sys_id": "1", "sys_updated_on": ""}]},
    ],
)
def test_an_answer_that_is_not_whole_is_unavailable(vendor, document):
    vendor.fail(Answer(document), on="task")

    with pytest.raises(SourceUnavailable):
        list(opened(vendor).read(TASKS))


def test_a_foreign_bookmark_is_refused(vendor):
    foreign = {"at": "2026-05-01T08:00:00+00:00", "id": "1^active=true"}

    with pytest.raises(SourceRefused, match="bookmark"):
        list(opened(vendor).read(replace(TASKS, bookmark=foreign)))
