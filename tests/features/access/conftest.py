"""Access keys in a database of their own, since some of these tests ask whether there are any."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from openprofiles.app import Application
from openprofiles.core.operation import Answer, Caller
from tests.conftest import TurnableClock, service_on_its_own_database
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
