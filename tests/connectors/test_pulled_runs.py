"""Integrations that pull from vendors: a flow, a connection, runs, profiles; all of it but the
vendor is the real thing.
"""

import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from cryptography.fernet import Fernet

from openprofiles.app import Application, client_of
from openprofiles.connectors.marketo.connector import HELD_BACK
from openprofiles.core.operation import Caller
from openprofiles.core.settings import Settings
from openprofiles.features import integrations
from openprofiles.storage.sessions import holding
from tests.conftest import service_on_its_own_database
from tests.connectors import (
    test_marketo,
    test_salesforce,
    test_servicenow,
    test_shopify,
    test_zendesk,
)
from tests.connectors.fakes.marketo import FakeMarketo
from tests.connectors.fakes.salesforce import FakeSalesforce
from tests.connectors.fakes.server import Answer, FakeVendor
from tests.connectors.fakes.servicenow import FakeServiceNow
from tests.connectors.fakes.shopify import FakeShopify
from tests.connectors.fakes.zendesk import FakeZendesk


@pytest.fixture(scope="session")
def application(server, turnable_clock) -> Iterator[Application]:
    """A service of its own: runs are due in all accounts."""
    with service_on_its_own_database(
        server, turnable_clock, "vendors", secrets_key=Fernet.generate_key().decode()
    ) as application:
        yield application


@pytest.fixture(scope="session")
def session_client(application) -> Any:
    return client_of(application.wsgi, application.settings)


@pytest.fixture(scope="session")
def settings(application: Application) -> Settings:
    return application.settings


@pytest.fixture
def machine(application: Application, caller: Caller) -> integrations.Machine:
    return integrations.Machine(
        invoke=application.invoke,
        hold=partial(holding, application.database.conninfo),
        settings=application.settings,
        caller=caller,
        permits=integrations.permits_of(application.settings),
    )


@dataclass(frozen=True)
class Case:
    """A vendor's flow: how it is named, what it pulls, what becomes of it."""

    kind: str
    member: str
    object_name: str
    template: str
    key: str
    fields: tuple[str, ...]
    vendor: type[FakeVendor]
    settings: Any

    def put(self, vendor: Any, number: int, second: int) -> str:
        """A record, changed at a second; the value of its key."""
        seconds = f"{second // 60:02}:{second % 60:02}"
        match self.kind:
            case "Salesforce":
                at = f"2026-05-01T08:{seconds}.000+0000"
                test_salesforce.put(vendor, number, at=at)
                return f"001{number:03}"
            case "Servicenow":
                given = {"sys_id": f"{number:032x}", "sys_updated_on": f"2026-05-01 08:{seconds}"}
                vendor.put("sys_user", first_name="Jane", **given)
                return given["sys_id"]
            case "Zendesk":
                test_zendesk.put(vendor, "users", number, second=second)
            case "Shopify":
                at = f"2026-05-01T08:{seconds}Z"
                test_shopify.put(vendor, "customers", number, updatedAt=at)
            case _:
                at = f"2026-05-01T08:{seconds}Z"
                vendor.put(id=number, firstName="Jane", createdAt=at, updatedAt=at)
                vendor.now = datetime.fromisoformat(at) + HELD_BACK + timedelta(seconds=1)
        return str(number)

    def integration(self, connection: str) -> dict[str, Any]:
        """What a client gives to PutIntegration: a Uri where there is no ConnectorType."""
        if not self.member:
            return {"Uri": f"connector://{self.kind}/{connection}/{self.object_name}"}
        return {"FlowDefinition": self._flow(connection)}

    def _flow(self, connection: str) -> dict[str, Any]:
        return {
            "FlowName": f"flow-{uuid.uuid4().hex}",
            "KmsArn": "arn:aws:kms:eu-central-1:111122223333:key/local",
            "SourceFlowConfig": {
                "ConnectorType": self.kind,
                "ConnectorProfileName": connection,
                "SourceConnectorProperties": {self.member: {"Object": self.object_name}},
            },
            "Tasks": [
                self._task("Filter", list(self.fields), "PROJECTION"),
                *(self._task("Map", [field], "NO_OP") for field in self.fields),
            ],
            "TriggerConfig": {"TriggerType": "OnDemand"},
        }

    def _task(self, kind: str, fields: list[str], operator: str) -> dict[str, Any]:
        task = {
            "TaskType": kind,
            "SourceFields": fields,
            "ConnectorOperator": {self.member: operator},
        }
        return (
            task
            if kind == "Filter"
            else {**task, "DestinationField": fields[0], "TaskProperties": {}}
        )


CASES = [
    Case(
        "Salesforce",
        "Salesforce",
        "Account",
        "Salesforce-Account",
        "_salesforceAccountId",
        ("Id", "Name", "LastModifiedDate"),
        FakeSalesforce,
        test_salesforce.settings,
    ),
    Case(
        "Servicenow",
        "ServiceNow",
        "sys_user",
        "Servicenow-sys_user",
        "_serviceNowSystemId",
        ("sys_id", "first_name", "sys_updated_on"),
        FakeServiceNow,
        test_servicenow.settings,
    ),
    Case(
        "Zendesk",
        "Zendesk",
        "users",
        "Zendesk-users",
        "_zendeskUserId",
        ("id", "updated_at"),
        FakeZendesk,
        test_zendesk.settings,
    ),
    Case(
        "Marketo",
        "Marketo",
        "leads",
        "Marketo-leads",
        "_marketoLeadId",
        ("id", "firstName", "updatedAt"),
        FakeMarketo,
        test_marketo.settings,
    ),
    Case(
        "Shopify",
        "",
        "customers",
        "Shopify-Customer",
        "_shopifyCustomerId",
        (),
        FakeShopify,
        test_shopify.settings,
    ),
]


@dataclass(frozen=True)
class Pulling:
    """A domain with an integration of a vendor."""

    client: Any
    domain: str
    machine: integrations.Machine
    case: Case
    vendor: Any
    connection: str
    uri: str

    def own(self, operation: str, **parameters: Any) -> Any:
        return self.machine.invoke(
            operation, {"DomainName": self.domain, **parameters}, self.machine.caller
        )

    def start(self) -> str:
        run_id: str = self.own("StartIntegrationRun", Uri=self.uri)["RunId"]
        integrations.work(self.machine)
        return run_id

    def look(self, run_id: str) -> dict[str, Any]:
        run: dict[str, Any] = self.own("DescribeIntegrationRun", RunId=run_id)
        return run

    def run(self) -> tuple[str, int, int, int]:
        run = self.look(self.start())
        return run["Status"], run["Pulled"], run["Ingested"], run["Rejected"]

    def find(self, value: str) -> list[Any]:
        found = self.client.search_profiles(
            DomainName=self.domain, KeyName=self.case.key, Values=[value]
        )
        items: list[Any] = found["Items"]
        return items


@pytest.fixture
def pulling(request, client, domain, machine) -> Iterator[Pulling]:
    case: Case = request.param
    with ExitStack() as stack:
        vendor: Any = stack.enter_context(case.vendor())
        vendor.is_quick = True
        # A Uri with it belongs to one domain.
        name = f"vendor-{uuid.uuid4().hex}"
        client.put_profile_object_type(
            DomainName=domain,
            ObjectTypeName=case.template,
            Description="-",
            TemplateId=case.template,
        )
        machine.invoke(
            "PutConnection",
            {
                "DomainName": domain,
                "Name": name,
                "Kind": case.kind,
                "Settings": case.settings(vendor),
            },
            machine.caller,
        )
        answer = client.put_integration(
            DomainName=domain, ObjectTypeName=case.template, **case.integration(name)
        )
        yield Pulling(client, domain, machine, case, vendor, name, answer["Uri"])


each_vendor = pytest.mark.parametrize("pulling", CASES, indirect=True, ids=lambda case: case.kind)
salesforce = pytest.mark.parametrize("pulling", CASES[:1], indirect=True, ids=["Salesforce"])


@each_vendor
def test_what_is_new_and_changed_becomes_profiles_once(pulling):
    keys = [pulling.case.put(pulling.vendor, number, number) for number in range(25)]

    assert pulling.run() == ("COMPLETE", 25, 25, 0)
    assert all(len(pulling.find(key)) == 1 for key in keys)
    assert pulling.run() == ("COMPLETE", 0, 0, 0)

    pulling.case.put(pulling.vendor, 3, 1800)
    new = pulling.case.put(pulling.vendor, 100, 1801)
    assert pulling.run() == ("COMPLETE", 2, 2, 0)
    assert len(pulling.find(new)) == 1


@each_vendor
def test_a_connection_is_tried_by_one_command(pulling):
    answer = pulling.own("TestConnection", Name=pulling.connection)

    assert pulling.case.object_name in str(answer["Objects"])


@each_vendor
def test_credentials_that_are_refused_end_the_run_with_a_sentence(pulling):
    pulling.vendor.client = ("nobody", "")

    run = pulling.look(pulling.start())

    assert run["Status"] == "FAILED"
    assert "no access token" in run["Error"]
    assert "secret" not in run["Error"]


@salesforce
def test_a_rate_limit_half_way_puts_the_run_off_and_loses_nothing(pulling, clock):
    vendor = pulling.vendor
    for number in range(4500):
        pulling.case.put(vendor, number, number // 10)
    limited = Answer(b"", 429, {"Retry-After": "600"})
    answers = iter([None, limited])
    vendor.faults.append(lambda request: next(answers) if "/query" in request.path else None)

    run_id = pulling.start()

    waiting = pulling.look(run_id)
    assert (waiting["Status"], waiting["Ingested"]) == ("RETRY", 2000)
    assert "fewer requests" in waiting["Error"]
    clock.turn(minutes=11)
    integrations.work(pulling.machine)
    run = pulling.look(run_id)
    assert (run["Status"], run["Pulled"], run["Ingested"]) == ("COMPLETE", 4500, 4500)
    stats = pulling.client.get_domain(DomainName=pulling.domain)["Stats"]
    assert (stats["ProfileCount"], stats["ObjectCount"]) == (4500, 4500)
