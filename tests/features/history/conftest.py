"""A domain whose profiles have a history, and short words to read it.

On a database of its own: some of these tests sweep with a turned clock, which would take away what
other tests are about.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from openprofiles.app import Application
from openprofiles.storage.embedded import EmbeddedServer
from tests.conftest import TurnableClock, service_on_its_own_database
from tests.features.profiles.conftest import World
from tests.own_service import database, invoke, session_client, settings

if TYPE_CHECKING:
    from types_boto3_customer_profiles import CustomerProfilesClient

__all__ = ["database", "invoke", "session_client", "settings"]


@pytest.fixture(scope="session")
def application(server: EmbeddedServer, turnable_clock: TurnableClock) -> Iterator[Application]:
    """The service on its own database."""
    with service_on_its_own_database(server, turnable_clock, "history") as application:
        yield application


@dataclass(frozen=True)
class History(World):
    """A domain, with its history."""

    def records(self, profile_id: str, **filters: Any) -> list[dict[str, Any]]:
        """The records of a profile, the newest first."""
        answer = self.client.list_profile_history_records(
            DomainName=self.name, ProfileId=profile_id, **filters
        )
        return [dict(record) for record in answer["ProfileHistoryRecords"]]

    def acts(self, profile_id: str, **filters: Any) -> list[tuple[str, str]]:
        """(what was done, to what), the newest first."""
        return [
            (record["ActionType"], record["ObjectTypeName"])
            for record in self.records(profile_id, **filters)
        ]

    def content(self, profile_id: str, record: dict[str, Any]) -> Any:
        """What a record says was there; None when it is not kept."""
        answer = self.client.get_profile_history_record(
            DomainName=self.name, ProfileId=profile_id, Id=record["Id"]
        )
        assert answer["ActionType"] == record["ActionType"]
        return json.loads(answer["Content"]) if "Content" in answer else None

    def contents(self, profile_id: str) -> list[Any]:
        """The contents of all records, the newest first."""
        return [self.content(profile_id, record) for record in self.records(profile_id)]


@pytest.fixture
def world(client: "CustomerProfilesClient", domain: str) -> History:
    """A fresh domain with a type of orders, by number and e-mail address."""
    return with_orders(client, domain)


def with_orders(client: "CustomerProfilesClient", domain: str) -> History:
    """The domain, with a type of orders."""
    world = History(client, domain)
    world.define(
        "Order",
        {
            "id": "",
            "mail": ("_profile.EmailAddress", "EMAIL_ADDRESS"),
            "name": "_profile.FirstName",
        },
        {"order": (["UNIQUE"], ["id"]), "_email": (["PROFILE"], ["mail"])},
        ExpirationDays=30,
    )
    return world
