"""A service on a database of its own: jobs that are due are looked for in the domains of all
accounts, and these tests turn the clock.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from openprofiles.app import Application
from openprofiles.core.operation import Caller
from openprofiles.features import matching
from openprofiles.storage.embedded import EmbeddedServer
from openprofiles.storage.sessions import holding
from tests.conftest import TurnableClock, service_on_its_own_database
from tests.own_service import database, invoke, session_client, settings

if TYPE_CHECKING:
    from types_boto3_customer_profiles import CustomerProfilesClient

__all__ = ["database", "invoke", "session_client", "settings"]

WEEKLY: Any = {"JobSchedule": {"DayOfTheWeek": "SATURDAY", "Time": "00:00"}}
ANNA = {"FirstName": "Anneliese", "LastName": "Krawczynski", "EmailAddress": "a.kraw@kraw.net"}
ANNA_AGAIN = {
    "FirstName": "Anneliese",
    "LastName": "Krawczynsky",
    "EmailAddress": "A.Kraw@Kraw.net",
}
BELA = {"FirstName": "Bela", "LastName": "Tarkowski", "PhoneNumber": "555-010-0000"}
BELA_AGAIN = {"FirstName": "Bela", "LastName": "Tarkowski", "PhoneNumber": "+1-555-010-0000"}


@pytest.fixture(scope="session")
def application(server: EmbeddedServer, turnable_clock: TurnableClock) -> Iterator[Application]:
    """The service on its own database."""
    with service_on_its_own_database(
        server, turnable_clock, "matching", resolution_threads=1
    ) as application:
        yield application


@pytest.fixture(autouse=True)
def clean(client: "CustomerProfilesClient") -> None:
    """No job of an earlier test is due."""
    for item in client.list_domains()["Items"]:
        client.delete_domain(DomainName=item["DomainName"])


@pytest.fixture
def machine(application: Application, caller: Caller) -> matching.Machine:
    """What jobs run on."""
    return matching.Machine(
        invoke=application.invoke,
        hold=partial(holding, application.database.conninfo),
        settings=application.settings,
        caller=caller,
    )


@dataclass(frozen=True)
class Town:
    """A domain with people in it, and short words for what is done to it."""

    client: "CustomerProfilesClient"
    name: str
    machine: matching.Machine

    def settle(self, *people: dict[str, Any]) -> list[str]:
        """Make profiles; their ids."""
        return [
            self.client.create_profile(DomainName=self.name, **person)["ProfileId"]
            for person in people
        ]

    def enable(self, **members: Any) -> None:
        """Switch matching on."""
        matching: Any = {"Enabled": True, **WEEKLY, **members}
        self.client.update_domain(DomainName=self.name, Matching=matching)

    def start(self) -> str:
        """Ask for a job; its id."""
        return self.own("StartIdentityResolutionJob")["JobId"]

    def run(self) -> dict[str, Any]:
        """Ask for a job, run it, and look at it."""
        job_id = self.start()
        assert matching.run_due(self.machine) == 1
        return self.job(job_id)

    def job(self, job_id: str) -> dict[str, Any]:
        """A job."""
        job: Any = self.client.get_identity_resolution_job(DomainName=self.name, JobId=job_id)
        return {name: value for name, value in job.items() if name != "ResponseMetadata"}

    def jobs(self) -> list[dict[str, Any]]:
        """All jobs."""
        answer: Any = self.client.list_identity_resolution_jobs(DomainName=self.name)
        return answer["IdentityResolutionJobsList"]

    def matches(self) -> list[set[str]]:
        """The match groups, as sets of ids."""
        answer = self.client.get_matches(DomainName=self.name)
        assert answer["PotentialMatches"] == len(answer["Matches"])
        return [set(group["ProfileIds"]) for group in answer["Matches"]]

    def own(self, operation: str, **parameters: Any) -> Any:
        """What an operation of our own answers."""
        return self.machine.invoke(
            operation, {"DomainName": self.name, **parameters}, self.machine.caller
        )

    def on(self, **changes: Any) -> "Town":
        """The same on another machine."""
        return replace(self, machine=replace(self.machine, **changes))


@pytest.fixture
def town(client: "CustomerProfilesClient", domain: str, machine: matching.Machine) -> Town:
    """A fresh domain without matching."""
    return Town(client, domain, machine)


@contextmanager
def held_by_another(_: str) -> Iterator[bool]:
    """A lock that somebody else has."""
    yield False
