"""What tests of replays share: a domain with a type whose mapping changes, and our operations."""

from collections.abc import Callable
from typing import Any

import pytest

from openprofiles.core.operation import Caller, Invoke
from openprofiles.features import replays
from tests.features.profiles.conftest import World, ingest
from tests.own import Own

__all__ = ["ingest"]

FIELDS: dict[str, Any] = {
    "id": "",
    "mail": ("_profile.EmailAddress", "EMAIL_ADDRESS"),
    "name": "",
    "card": "",
}
KEYS: dict[str, Any] = {"customer": (["UNIQUE"], ["id"]), "_email": (["PROFILE"], ["mail"])}


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
