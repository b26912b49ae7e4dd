"""A service on a database of its own (runs are due in all accounts), a folder as a source."""

import json
import sys
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from cryptography.fernet import Fernet

from openprofiles import connectors
from openprofiles.app import Application
from openprofiles.core.operation import Caller
from openprofiles.features import integrations
from openprofiles.storage.embedded import EmbeddedServer
from openprofiles.storage.sessions import holding
from tests.conftest import TurnableClock, service_on_its_own_database
from tests.own_service import database, invoke, session_client, settings

if TYPE_CHECKING:
    from types_boto3_customer_profiles import CustomerProfilesClient

__all__ = ["database", "invoke", "session_client", "settings"]

SOURCES = Path(__file__).parent / "sources"
TOKEN = "open sesame"
KMS = "arn:aws:kms:us-east-1:111122223333:key/one"
CUSTOMERS: Any = {
    "Fields": {
        "id": {"Source": "_source.id", "Target": "_profile.AccountNumber"},
        "mail": {
            "Source": "_source.mail",
            "Target": "_profile.EmailAddress",
            "ContentType": "EMAIL_ADDRESS",
        },
        "name": {"Source": "_source.name", "Target": "_profile.LastName", "ContentType": "NAME"},
    },
    "Keys": {
        "customerId": [{"StandardIdentifiers": ["UNIQUE", "PROFILE"], "FieldNames": ["id"]}],
    },
    "AllowProfileCreation": True,
}


@pytest.fixture(scope="session")
def application(server: EmbeddedServer, turnable_clock: TurnableClock) -> Iterator[Application]:
    """The service on its own database."""
    with service_on_its_own_database(
        server,
        turnable_clock,
        "integrations",
        secrets_key=Fernet.generate_key().decode(),
        domains_per_account=1000,
    ) as application:
        yield application


@pytest.fixture(autouse=True)
def clean(client: "CustomerProfilesClient") -> None:
    """No run of an earlier test is due."""
    for item in client.list_domains()["Items"]:
        client.delete_domain(DomainName=item["DomainName"])


@pytest.fixture(autouse=True)
def installed() -> Iterator[None]:
    """The connector of `sources/` is installed, and gone after the test."""
    sys.path.insert(0, str(SOURCES))
    connectors.require.cache_clear()
    yield
    sys.path.remove(str(SOURCES))
    connectors.require.cache_clear()


def flow(**changes: Any) -> Any:
    """A FlowDefinition of a bucket, with other members."""
    return {
        "FlowName": f"flow-{uuid.uuid4().hex}",
        "KmsArn": KMS,
        "SourceFlowConfig": {
            "ConnectorType": "S3",
            "SourceConnectorProperties": {"S3": {"BucketName": "drop", "BucketPrefix": "in"}},
        },
        "Tasks": [],
        "TriggerConfig": {"TriggerType": "OnDemand"},
        **changes,
    }


def folder_flow(**changes: Any) -> Any:
    """A FlowDefinition of the folder."""
    source = {
        "ConnectorType": "Marketo",
        "ConnectorProfileName": "folder",
        "SourceConnectorProperties": {"Marketo": {"Object": "leads"}},
    }
    return flow(**{"SourceFlowConfig": source, **changes})


def every(expression: str, **members: Any) -> Any:
    """A Scheduled trigger."""
    scheduled = {"ScheduleExpression": expression, **members}
    return {"TriggerType": "Scheduled", "TriggerProperties": {"Scheduled": scheduled}}


def refusal(call: Any, **request: Any) -> tuple[str, str]:
    """The error that a call is answered with: its code, its message."""
    with pytest.raises(ClientError) as failure:
        call(**request)
    error = failure.value.response["Error"]
    return error["Code"], error["Message"]


@pytest.fixture
def customers(client: "CustomerProfilesClient", domain: str) -> str:
    """A domain with an object type `customers`."""
    client.put_profile_object_type(
        DomainName=domain, ObjectTypeName="customers", Description="Customers", **CUSTOMERS
    )
    return domain


@pytest.fixture
def uri() -> str:
    """A Uri that no other test uses."""
    return f"arn:aws:app-integrations:us-east-1:1:event-integration/{uuid.uuid4().hex}"


@pytest.fixture
def machine(application: Application, caller: Caller) -> integrations.Machine:
    """What runs run on."""
    return integrations.Machine(
        invoke=application.invoke,
        hold=partial(holding, application.database.conninfo),
        settings=application.settings,
        caller=caller,
        permits=integrations.permits_of(application.settings),
    )


def lead(number: int, **members: Any) -> dict[str, Any]:
    """A record of the folder."""
    return {"id": str(number), "mail": f"lead{number}@example.com", **members}


@dataclass(frozen=True)
class Source:
    """A folder with records, the domain that pulls them, and short words for what is done."""

    client: "CustomerProfilesClient"
    domain: str
    folder: Path
    machine: integrations.Machine

    def write(self, records: Sequence[Any], *, name: str = "leads") -> None:
        """Put records behind those that are there; texts as they are."""
        with (self.folder / f"{name}.jsonl").open("a", encoding="utf-8") as file:
            for record in records:
                file.write(record if isinstance(record, str) else json.dumps(record))
                file.write("\n")

    def feel(self, how: str, text: str = "") -> None:
        """Let the source be down, refused, broken or slow."""
        (self.folder / how).write_text(text)

    def recover(self) -> None:
        """Let it be well again."""
        for how in ("down", "refused", "broken", "slow"):
            (self.folder / how).unlink(missing_ok=True)

    def connect(self, **values: str) -> None:
        """Make the connection."""
        given = {"folder": str(self.folder), "token": TOKEN, "page": "10", **values}
        self.own("PutConnection", Name="folder", Kind="Marketo", Settings=given)

    def integrate(self, definition: Any = None, **members: Any) -> str:
        """Connect the domain to the folder; the integration's Uri."""
        answer = self.client.put_integration(
            DomainName=self.domain,
            FlowDefinition=definition or folder_flow(),
            **{"ObjectTypeName": "customers", **members},
        )
        return answer["Uri"]

    def own(self, operation: str, **parameters: Any) -> Any:
        """What an operation of our own answers."""
        return self.machine.invoke(
            operation, {"DomainName": self.domain, **parameters}, self.machine.caller
        )

    def start(self, uri: str, **members: Any) -> str:
        """Ask for a run; its id."""
        run_id: str = self.own("StartIntegrationRun", Uri=uri, **members)["RunId"]
        return run_id

    def run(self, uri: str, **members: Any) -> Mapping[str, Any]:
        """Ask for a run, work, and look at it."""
        run_id = self.start(uri, **members)
        self.work()
        return self.look(run_id)

    def work(self) -> int:
        """Do what is due."""
        return integrations.work(self.machine)

    def look(self, run_id: str) -> Mapping[str, Any]:
        """A run."""
        answer: Mapping[str, Any] = self.own("DescribeIntegrationRun", RunId=run_id)
        return answer

    def runs(self) -> list[Mapping[str, Any]]:
        """All runs, the newest first."""
        items: list[Mapping[str, Any]] = self.own("ListIntegrationRuns")["Items"]
        return items

    def mails(self) -> list[str]:
        """The mail addresses of all profiles whose ids are small numbers."""
        return sorted(
            item["EmailAddress"]
            for number in range(40)
            for item in self.client.search_profiles(
                DomainName=self.domain, KeyName="customerId", Values=[str(number)]
            )["Items"]
        )

    def count(self) -> tuple[int, int]:
        """Profiles and objects of the domain."""
        stats = self.client.get_domain(DomainName=self.domain)["Stats"]
        return stats["ProfileCount"], stats["ObjectCount"]

    def on(self, **changes: Any) -> "Source":
        """The same on another machine."""
        return replace(self, machine=replace(self.machine, **changes))


@pytest.fixture
def source(
    client: "CustomerProfilesClient",
    customers: str,
    machine: integrations.Machine,
    tmp_path: Path,
) -> Source:
    """A folder without records, with a connection."""
    found = Source(client, customers, tmp_path, machine)
    found.connect()
    return found


@contextmanager
def held_by_another(_: str) -> Iterator[bool]:
    """A lock that somebody else has."""
    yield False
