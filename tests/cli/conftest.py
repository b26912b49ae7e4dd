"""What tests of commands share: the options that lead to the test's database, and files."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from openprofiles.core.settings import Settings
from openprofiles.storage.database import Database
from tests.features.profiles.conftest import World


@pytest.fixture
def connection(database: Database, settings: Settings) -> dict[str, Any]:
    """The options of a command that say which database and account it works on."""
    return {"database_url": database.conninfo, "account_id": settings.account_id}


@pytest.fixture(autouse=True)
def room_for_domains(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """The account of the tests has a domain for each of them, more than a command allows."""
    monkeypatch.setenv("OPENPROFILES_DOMAINS_PER_ACCOUNT", str(settings.domains_per_account))


@pytest.fixture
def options(connection: dict[str, Any]) -> list[str]:
    """The same for a command line."""
    return [
        argument
        for name, value in connection.items()
        for argument in (f"--{name.replace('_', '-')}", value)
    ]


@pytest.fixture
def shop(client, domain) -> World:
    """A fresh domain with the type Thing."""
    world = World(client, domain)
    world.define(
        "Thing",
        {"id": "", "mail": ("_profile.EmailAddress", "EMAIL_ADDRESS")},
        {"thing": (["UNIQUE"], ["id"]), "_email": (["PROFILE"], ["mail"])},
    )
    return world


@pytest.fixture
def things(tmp_path) -> Callable[..., Path]:
    """A function that writes a file of things: every tenth has no mail address and is rejected,
    every tenth is a second one of its mail address.
    """

    def write(count: int, name: str = "things.jsonl") -> Path:
        path: Path = tmp_path / name
        with path.open("w") as file:
            for number in range(count):
                mail = {3: "", 7: f"{number - 1}@example.com"}.get(
                    number % 10, f"{number}@example.com"
                )
                file.write(json.dumps({"id": str(number), "mail": mail}) + "\n")
        return path

    return write
