"""The console as it is mounted: on the real service, with real access keys and real limits."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask

from openprofiles.app import Application, console_of
from openprofiles.core.operation import Caller, Invoke
from openprofiles.features.access import KeyFinder
from openprofiles.features.invoke import invoker
from openprofiles.storage.encryption.named_keys import FOLDER
from tests.conftest import TurnableClock
from tests.console.duplicating import Street
from tests.console.provider import CLIENT_ID, CLIENT_SECRET, Provider, running_provider
from tests.console.visiting import Visitor

if TYPE_CHECKING:
    from types_boto3_customer_profiles import CustomerProfilesClient

MakeConsole = Callable[..., Flask]
Visit = Callable[..., Visitor]


@dataclass(frozen=True)
class Key:
    """An access key as its owner has it."""

    id: str
    secret: str
    name: str


@dataclass(frozen=True)
class Keys:
    """Makes access keys as an administrator does."""

    invoke: Invoke
    caller: Caller

    def make(self, *policies: str, name: str = "ada", **members: Any) -> Key:
        """A key with some policies."""
        made = self.invoke(
            "CreateAccessKey", {"Name": name, "Policies": list(policies), **members}, self.caller
        )
        return Key(made["AccessKeyId"], made["SecretAccessKey"], name)

    def disable(self, key: Key) -> None:
        """Let a key do nothing any more."""
        self.invoke("DisableAccessKey", {"AccessKeyId": key.id}, self.caller)


@pytest.fixture
def keys(invoke: Invoke, caller: Caller) -> Keys:
    """Access keys of the account."""
    return Keys(invoke, caller)


@pytest.fixture(scope="session")
def make_console(application: Application, turnable_clock: TurnableClock) -> MakeConsole:
    """A console with some settings; people sign in to it unless they say otherwise."""

    def make(*, invoke: Invoke | None = None, **changes: Any) -> Flask:
        given = {"auth": "sigv4", "access_key_cache_seconds": 0, **changes}
        settings = replace(application.settings, **given)
        console = console_of(
            invoke or invoker(application.database, settings, turnable_clock),
            settings,
            find_key=KeyFinder(application.database, settings, turnable_clock),
        )
        assert isinstance(console, Flask)
        return console

    return make


# These two are made once: their routes and templates take longer to compile than most tests take.
# They keep nothing but how often somebody failed to sign in, which is not counted.


@pytest.fixture(scope="session")
def console(make_console: MakeConsole) -> Flask:
    """A console that people sign in to with access keys."""
    return make_console(auth_failures_per_minute=0)


@pytest.fixture(scope="session")
def open_console(make_console: MakeConsole) -> Flask:
    """A console that lets anybody in."""
    return make_console(auth="open")


@pytest.fixture
def visitor(console: Flask) -> Visitor:
    """Somebody at a browser of their own, whom nobody knows yet."""
    return Visitor(console)


@pytest.fixture
def admin(console: Flask, keys: Keys) -> Visitor:
    """Somebody who has signed in and may do everything."""
    return signed_in(Visitor(console), keys.make("admin"))


@pytest.fixture
def anybody(open_console: Flask) -> Visitor:
    """Somebody at a console that is open."""
    return Visitor(open_console)


@pytest.fixture
def street(client: "CustomerProfilesClient", domain: str, keys: Keys) -> Street:
    """A fresh domain for people who are there more than once."""
    return Street(client, domain, keys.invoke, keys.caller)


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A provider of identities, with an agent signed in there."""
    with running_provider() as provider:
        provider.claims = {"sub": "u-1", "email": "grace@example.org", "roles": ["agent"]}
        yield provider


@pytest.fixture
def federated(make_console: MakeConsole, provider: Provider) -> Visit:
    """Make a visitor of a console that trusts the provider: `federated(oidc_roles=…)`."""

    def make(**changes: Any) -> Visitor:
        given = {
            "oidc_issuer": provider.issuer,
            "oidc_client_id": CLIENT_ID,
            "oidc_client_secret": CLIENT_SECRET,
            **changes,
        }
        return Visitor(make_console(**given))

    return make


def elsewhere(application: Application, folder: Path) -> dict[str, Any]:
    """Settings for a data directory of one's own, with the keys of domains that the service has."""
    keys = application.settings.data_dir / FOLDER
    return {"data_dir": folder, "encryption_keys": str(keys)}


def signed_in(visitor: Visitor, key: Key) -> Visitor:
    """The visitor, who has signed in with a key."""
    answer = visitor.post("/console/sign-in", access_key_id=key.id, secret_access_key=key.secret)
    assert answer.status_code == 303, answer.text
    return visitor
