"""What tests of replays share: a domain with a type whose mapping changes, and our operations.

The service has a database of its own, since the job worker looks for replays of all accounts.
"""

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from openprofiles.app import Application
from openprofiles.core.clock import system_clock
from openprofiles.core.operation import Answer, Caller, Invoke
from openprofiles.core.settings import Settings
from openprofiles.features import domains, object_types, profiles, replays
from openprofiles.features.context import Context
from openprofiles.storage.database import Database, Transaction
from openprofiles.storage.embedded import EmbeddedServer
from tests.conftest import TurnableClock, service_on_its_own_database
from tests.features.profiles.conftest import World, ingest
from tests.own import Own
from tests.own_service import database, invoke, session_client, settings

__all__ = ["database", "ingest", "invoke", "session_client", "settings"]

FIELDS: dict[str, Any] = {
    "id": "",
    "mail": ("_profile.EmailAddress", "EMAIL_ADDRESS"),
    "name": "",
    "card": "",
}
KEYS: dict[str, Any] = {"customer": (["UNIQUE"], ["id"]), "_email": (["PROFILE"], ["mail"])}


@pytest.fixture(scope="session")
def application(server: EmbeddedServer, turnable_clock: TurnableClock) -> Iterator[Application]:
    """The service on its own database."""
    with service_on_its_own_database(
        server, turnable_clock, "replays", domains_per_account=1_000_000
    ) as application:
        yield application


@pytest.fixture
def shop(client, domain) -> World:
    """A domain with the type Customer."""
    world = World(client, domain)
    world.define("Customer", FIELDS, KEYS)
    return world


@pytest.fixture
def own(application, domain) -> Own:
    """Our own operations on that domain, over the wire."""
    return Own(application.wsgi, domain)


@pytest.fixture
def change(shop: World) -> Callable[..., None]:
    """A function that changes fields or keys of the type; None takes one away."""

    def define(
        fields: dict[str, Any] | None = None, keys: dict[str, Any] | None = None, **more: Any
    ) -> None:
        merged = [
            {name: value for name, value in {**old, **(new or {})}.items() if value is not None}
            for old, new in ((FIELDS, fields), (KEYS, keys))
        ]
        shop.define("Customer", *merged, **more)

    return define


@pytest.fixture
def replay(own: Own, invoke: Invoke, caller: Caller, domain: str) -> Callable[..., Any]:
    """A function that replays the type to its end; the replay as GetReplay shows it."""

    def run(*, dry_run: bool = False) -> Any:
        begun = own.post("/object-types/Customer/replays", DryRun=dry_run)
        replays.run(invoke, caller, domain, begun["ReplayId"])
        return own.get(f"/replays/{begun['ReplayId']}")

    return run


@pytest.fixture
def make_domain(client) -> Callable[[], str]:
    """A function that makes a domain; its name."""

    def make() -> str:
        name = f"replayed-{uuid.uuid4().hex}"
        client.create_domain(DomainName=name, DefaultExpirationDays=366)
        return name

    return make


@pytest.fixture
def ingest_into(database: Database, settings: Settings, caller: Caller) -> Callable[..., None]:
    """A function that ingests objects at one moment: (domain, type, contents)."""

    def ingest_all(domain: str, type_name: str, contents: list[dict[str, Any]]) -> None:
        def work(transaction: Transaction) -> None:
            context = Context(
                transaction=transaction, caller=caller, settings=settings, now=system_clock()
            )
            place = domains.require_for_write(context, domain)
            mapping = object_types.require_mapping(context, place, type_name)
            documents = [profiles.read_document(json.dumps(content)) for content in contents]
            profiles.ingest(context, place, mapping, documents)

        database.run(work)

    return ingest_all


@pytest.fixture
def replay_all(
    invoke: Invoke, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Answer]:
    """A function that replays a type of a domain in batches of a size: (domain, type, size)."""

    def run(domain: str, type_name: str, size: int) -> Answer:
        monkeypatch.setattr("openprofiles.features.replays.operations.OBJECTS_AT_ONCE", size)
        request = {"DomainName": domain, "ObjectTypeName": type_name}
        begun = invoke("StartReplay", request, caller)
        return replays.run(invoke, caller, domain, begun["ReplayId"])

    return run
