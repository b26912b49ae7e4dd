"""A service on a database of its own: these tests turn the clock and go through all domains."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from openprofiles.app import Application
from openprofiles.core.operation import Caller, Invoke
from openprofiles.features import insight
from openprofiles.jobs import Tick
from openprofiles.storage.embedded import EmbeddedServer
from tests.conftest import TurnableClock, service_on_its_own_database
from tests.own_service import database, invoke, session_client, settings

if TYPE_CHECKING:
    from types_boto3_customer_profiles import CustomerProfilesClient

__all__ = ["database", "invoke", "session_client", "settings"]

NUMBERS = ("Profiles", "Objects", "ObjectsPut", "Rejected", "MatchesFound", "Merged")


@pytest.fixture(scope="session")
def application(server: EmbeddedServer, turnable_clock: TurnableClock) -> Iterator[Application]:
    """The service on its own database."""
    with service_on_its_own_database(server, turnable_clock, "insight") as application:
        yield application


@pytest.fixture(autouse=True)
def clean(client: "CustomerProfilesClient") -> None:
    """No domain of an earlier test has hours to count."""
    for item in client.list_domains()["Items"]:
        client.delete_domain(DomainName=item["DomainName"])


@dataclass(frozen=True)
class Company:
    """A domain with orders that make profiles and notes that do not, at a clock in a hand."""

    application: Application
    client: "CustomerProfilesClient"
    name: str
    caller: Caller
    clock: TurnableClock
    invoke: Invoke

    def put(self, *ids: str, type_name: str = "Orders") -> None:
        """Put objects."""
        for each in ids:
            self.client.put_profile_object(
                DomainName=self.name, ObjectTypeName=type_name, Object=json.dumps({"id": each})
            )

    def ask(self, operation: str, **members: Any) -> Any:
        """What an operation of our own answers."""
        return self.invoke(operation, {"DomainName": self.name, **members}, self.caller)

    def turn_to_next_hour(self, minutes: int = 10) -> None:
        """Let it be some minutes past the next hour."""
        now = self.clock()
        target = now.replace(minute=0, second=0, microsecond=0) + timedelta(
            hours=1, minutes=minutes
        )
        self.clock.turn(seconds=(target - now).total_seconds())

    def tick(self) -> None:
        """Let the job worker count hours."""
        [schedule] = insight.schedules(self.invoke, self.application.settings)
        schedule.function(Tick(self.clock(), lambda *_: None, Event()))

    def series(self, range_name: str = "DAY") -> list[list[int | None]]:
        """The numbers, step by step."""
        items = self.ask("GetDomainSeries", Range=range_name)["Items"]
        return [[item[name] for name in NUMBERS] for item in items]


@pytest.fixture
def company(
    application: Application,
    client: "CustomerProfilesClient",
    clock: TurnableClock,
    caller: Caller,
    invoke: Invoke,
    domain: str,
) -> Company:
    """A fresh domain, ten minutes past an hour."""
    company = Company(application, client, domain, caller, clock, invoke)
    company.turn_to_next_hour()
    for type_name, creates in (("Orders", True), ("Notes", False)):
        client.put_profile_object_type(
            DomainName=domain,
            ObjectTypeName=type_name,
            Description=type_name,
            AllowProfileCreation=creates,
            Fields={"id": {"Source": "_source.id", "Target": "_profile.AccountNumber"}},
            Keys={
                "_account": [{"StandardIdentifiers": ["PROFILE", "UNIQUE"], "FieldNames": ["id"]}]
            },
        )
    return company
