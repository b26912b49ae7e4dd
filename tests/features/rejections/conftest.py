"""What tests of rejected objects share: a domain that rejects, and our operations over the wire."""

from typing import Any

import pytest

from tests.features.profiles.conftest import World
from tests.own import Own


@pytest.fixture
def shop(client, domain) -> World:
    """A fresh domain with the types Order and Visit, which need a customer, and Customer, which
    makes one.
    """
    world = World(client, domain)
    mail = ("_profile.EmailAddress", "EMAIL_ADDRESS")
    keys: dict[str, Any] = {"_email": (["PROFILE"], ["mail"])}
    world.define("Customer", {"id": "", "mail": mail}, {"customer": (["UNIQUE"], ["id"]), **keys})
    for name in ("Order", "Visit"):
        fields: dict[str, Any] = {"id": "", "mail": mail, "name": "_profile.FirstName"}
        key = {f"{name.lower()}Id": (["UNIQUE"], ["id"])}
        world.define(name, fields, {**key, **keys}, creates=False)
    return world


@pytest.fixture
def own(application, domain) -> Own:
    """Our own operations on that domain, over the wire."""
    return Own(application.wsgi, domain)


@pytest.fixture
def reject(shop):
    """A function that puts objects which nobody is there for."""

    def put(type_name: str, *ids: str, mail: str = "ann@example.com") -> None:
        for one in ids:
            shop.put(type_name, {"id": one, "mail": mail})

    return put


@pytest.fixture
def rows(database, domain):
    """A function that reads rows of the domain: `rows("select … from … where …")`."""

    def read(query: str) -> list[Any]:
        with database.reading() as transaction:
            where = "and" if " where " in query else "where"
            return transaction.rows(
                f"{query} {where} domain_id = (select domain_id from domains where name = %s)",
                [domain],
            )

    return read
