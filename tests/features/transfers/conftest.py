"""What tests of transfers share: files to import, and a domain with a type to import them into."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from openprofiles.features import transfers
from tests.features.profiles.conftest import World

TRUTH_SET = Path(__file__).parents[2] / "data" / "truth-set"

CUSTOMER: dict[str, Any] = {
    "ObjectTypeName": "Customer",
    "Description": "A row of customers.csv",
    "AllowProfileCreation": True,
    "Fields": {
        "id": {"Source": "_source.RECORD_ID"},
        "source": {"Source": "_source.DATA_SOURCE", "Target": "_profile.Attributes.source"},
        "first": {"Source": "_source.PRIMARY_NAME_FIRST", "Target": "_profile.FirstName"},
        "last": {"Source": "_source.PRIMARY_NAME_LAST", "Target": "_profile.LastName"},
        "company": {"Source": "_source.PRIMARY_NAME_ORG", "Target": "_profile.BusinessName"},
        "mail": {
            "Source": "_source.EMAIL_ADDRESS",
            "Target": "_profile.EmailAddress",
            "ContentType": "EMAIL_ADDRESS",
        },
        "phone": {
            "Source": "_source.PHONE_NUMBER",
            "Target": "_profile.PhoneNumber",
            "ContentType": "PHONE_NUMBER",
        },
    },
    "Keys": {
        "record": [{"StandardIdentifiers": ["UNIQUE", "PROFILE"], "FieldNames": ["source", "id"]}],
        "_email": [{"StandardIdentifiers": ["PROFILE"], "FieldNames": ["mail"]}],
        "_phone": [{"StandardIdentifiers": ["PROFILE"], "FieldNames": ["phone"]}],
    },
}
"""A row of the truth sets: one profile per record, but for those that share a mail or a phone."""


@pytest.fixture
def shop(client, domain) -> World:
    """A fresh domain with the type Customer, and a simple one, Thing."""
    world = World(client, domain)
    client.put_profile_object_type(DomainName=domain, **CUSTOMER)
    world.define(
        "Thing",
        {"id": "", "mail": ("_profile.EmailAddress", "EMAIL_ADDRESS")},
        {"thing": (["UNIQUE"], ["id"]), "_email": (["PROFILE"], ["mail"])},
    )
    return world


@pytest.fixture
def things(tmp_path) -> Callable[..., Path]:
    """A function that writes a file of things; every third mail address is shared by two."""

    def write(count: int, name: str = "things.jsonl") -> Path:
        path: Path = tmp_path / name
        lines = (
            json.dumps({"id": str(number), "mail": f"{number - number % 3 // 2}@example.com"})
            for number in range(count)
        )
        path.write_text("\n".join(lines))
        return path

    return write


@pytest.fixture
def run_import(invoke, caller, shop) -> Callable[..., transfers.State]:
    """A function that imports files into the shop."""

    def run(object_type: str, *paths: Path, **more: Any) -> transfers.State:
        options = {name: more.pop(name) for name in ("restart", "delimiter") if name in more}
        order = transfers.Order(
            domain=shop.name,
            object_type=object_type,
            sources=transfers.find_sources([str(path) for path in paths]),
            **options,
        )
        return transfers.import_objects(more.pop("invoke", invoke), caller, order, **more)

    return run
