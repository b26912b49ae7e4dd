"""A service on a database of its own: a sweep goes through the domains of all accounts, and these
tests turn the clock, which would take away what other tests are about.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from openprofiles.app import Application
from openprofiles.core.operation import Caller, Invoke
from openprofiles.features import expiry
from openprofiles.storage.embedded import EmbeddedServer
from tests.conftest import TurnableClock, service_on_its_own_database
from tests.features.profiles.conftest import World
from tests.own_service import database, invoke, session_client, settings

if TYPE_CHECKING:
    from types_boto3_customer_profiles import CustomerProfilesClient

__all__ = ["database", "invoke", "session_client", "settings"]

KEEPING_ALL = {"history_retention_days": 10_000}
"""The history stays out of what these tests count."""


@pytest.fixture(scope="session")
def application(server: EmbeddedServer, turnable_clock: TurnableClock) -> Iterator[Application]:
    """The service on its own database."""
    with service_on_its_own_database(
        server, turnable_clock, "expiry", **KEEPING_ALL
    ) as application:
        yield application


@pytest.fixture(autouse=True)
def clean(invoke: Invoke, caller: Caller, client: "CustomerProfilesClient") -> None:
    """Nothing that an earlier test left is due."""
    for item in client.list_domains()["Items"]:
        client.delete_domain(DomainName=item["DomainName"])
    expiry.sweep(invoke, caller)


@pytest.fixture
def world(client: "CustomerProfilesClient", domain: str) -> World:
    """A fresh domain to work in, in which profiles expire after 366 days."""
    world = World(client, domain)
    world.define(
        "Order",
        {
            "id": "",
            "mail": ("_profile.EmailAddress", "EMAIL_ADDRESS"),
            "serial": "_asset.SerialNumber",
        },
        {
            "order": (["UNIQUE"], ["id"]),
            "_email": (["PROFILE"], ["mail"]),
            "serial": (["ASSET"], ["serial"]),
        },
        ExpirationDays=30,
    )
    return world
