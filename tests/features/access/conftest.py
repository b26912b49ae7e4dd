"""Access keys in a database of their own, since some of these tests ask whether there are any."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from wsgiref.types import WSGIApplication

import pytest

from openprofiles.app import Application, wire_of
from openprofiles.core.operation import Answer, Caller, Invoke
from openprofiles.core.ourselves import ourselves
from openprofiles.features.access import KeyFinder
from openprofiles.features.invoke import invoker
from tests.conftest import TurnableClock, service_on_its_own_database
from tests.features.access.furnished import Signer, signer
from tests.own_service import database, invoke, session_client, settings

__all__ = ["database", "invoke", "session_client", "settings"]

READING = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "profile:Get*", "Resource": "*"},
    }
)


@pytest.fixture(scope="session")
def application(server, turnable_clock: TurnableClock) -> Iterator[Application]:
    """A service on its own database."""
    with service_on_its_own_database(
        server, turnable_clock, "access", data_dir=server.data_dir
    ) as application:
        yield application


@dataclass(frozen=True)
class Guarded:
    """The service as it asks for signatures."""

    invoke: Invoke
    wsgi: WSGIApplication
    caller: Caller
    """Who stands for its account."""

    buckets: Path

    def signer(self, name: str, *policies: dict[str, Any], account_id: str = "") -> Signer:
        """Somebody with a key, who may do everything unless `policies` say otherwise."""
        caller = replace(self.caller, account_id=account_id or self.caller.account_id)
        return signer(self.wsgi, self.invoke, caller, name, *policies)


@pytest.fixture(scope="module")
def guarded(
    application: Application,
    turnable_clock: TurnableClock,
    tmp_path_factory: pytest.TempPathFactory,
) -> Guarded:
    """That service, with buckets in a folder."""
    buckets = tmp_path_factory.mktemp("buckets")
    settings = replace(
        application.settings, auth="sigv4", buckets_url=f"file://{buckets}", domains_per_account=999
    )
    invoke = invoker(application.database, settings, turnable_clock)
    finder = KeyFinder(application.database, settings, turnable_clock)
    wsgi = wire_of(invoke, settings, find_key=finder)
    return Guarded(invoke, wsgi, ourselves(settings, "test"), buckets)


@pytest.fixture(scope="module")
def owner(guarded: Guarded) -> Signer:
    """Who may do everything in the account."""
    return guarded.signer("owner")


@pytest.fixture
def call(invoke, caller: Caller) -> Callable[..., Answer]:
    """Call an operation of ours: `call("CreateAccessKey", Name="ann", Policies=["admin"])`."""

    def do(name: str, **parameters: Any) -> Answer:
        return invoke(name, parameters, caller)

    return do


@pytest.fixture(autouse=True)
def no_keys(database) -> None:
    """No account has a key or a policy when a test begins."""
    with database.transaction() as transaction:
        transaction.send("delete from access_keys")
        transaction.send("delete from access_policies")
