"""A flow from a vendor's API, with its connector, into profiles: rate-limited, down, with an end of
its login.
"""

from datetime import UTC, datetime, timedelta

import pytest

from tests.connectors.fakes.server import Answer
from tests.connectors.fakes.zendesk import FakeZendesk
from tests.features.integrations.conftest import every, folder_flow
from tests.features.integrations.test_runs import counts

AT = datetime(2026, 5, 1, 8, tzinfo=UTC)


@pytest.fixture
def vendor():
    with FakeZendesk() as vendor:
        yield vendor


@pytest.fixture
def zendesk(source, vendor):
    """An integration of the vendor's users through their template."""
    values = {
        "instance_url": vendor.url,
        "client_id": "client",
        "client_secret": "client-secret",
    }
    source.own("PutConnection", Name="helpdesk", Kind="Zendesk", Settings=values)
    definition = folder_flow(
        SourceFlowConfig={
            "ConnectorType": "Zendesk",
            "ConnectorProfileName": "helpdesk",
            "SourceConnectorProperties": {"Zendesk": {"Object": "users"}},
            "IncrementalPullConfig": {"DatetimeTypeFieldName": "updated_at"},
        },
        TriggerConfig=every("rate(1hour)", DataPullMode="Incremental"),
    )
    source.integrate(definition, ObjectTypeName="Zendesk-users")
    return source


def put(vendor, *numbers):
    for number in numbers:
        at = AT + timedelta(minutes=number)
        vendor.put(
            "users",
            id=number,
            external_id=f"e{number}",
            phone=f"+1206345{number:04}",
            email=f"user{number}@example.com",
            updated_at=at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        )


def found(source, number):
    answer = source.client.search_profiles(
        DomainName=source.domain, KeyName="_zendeskUserId", Values=[str(number)]
    )
    return len(answer["Items"])


def test_users_become_profiles_and_changes_follow(zendesk, vendor, clock):
    put(vendor, *range(1, 31))
    zendesk.work()
    put(vendor, 31, 32)
    clock.turn(hours=1.1)

    zendesk.work()

    assert [run["Status"] for run in zendesk.runs()] == ["COMPLETE", "COMPLETE"]
    assert zendesk.count() == (32, 32)
    assert [found(zendesk, number) for number in (1, 31, 33)] == [1, 1, 0]


def test_a_source_that_limits_its_rate_is_waited_for(zendesk, vendor, clock):
    put(vendor, 1, 2)
    vendor.outage = Answer(b"", 429, {"Retry-After": "300"})
    zendesk.work()
    (run,) = zendesk.runs()
    assert run["Status"] == "RETRY"
    assert (run["StartsAt"] - run["LastUpdatedAt"]).total_seconds() >= 300
    vendor.outage = None
    clock.turn(seconds=310)

    zendesk.work()

    assert counts(zendesk.runs()[0]) == ("COMPLETE", 2, 2, 0, 0)


def test_wrong_credentials_end_the_run_with_a_sentence(zendesk, vendor):
    vendor.client = ("client", "another-secret")

    zendesk.work()

    (run,) = zendesk.runs()
    assert run["Status"] == "FAILED"
    assert run["Error"]
    assert "secret" not in run["Error"]
