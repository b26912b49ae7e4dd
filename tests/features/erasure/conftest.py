"""A domain with people in it, of whom one has left traces everywhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from openprofiles.app import Application
from openprofiles.core.operation import Caller, Invoke
from openprofiles.features import matching
from openprofiles.features.erasure import PERSONAL, WITHOUT_PEOPLE
from openprofiles.storage.database import Database
from openprofiles.storage.embedded import EmbeddedServer
from openprofiles.storage.sessions import holding
from tests.conftest import TurnableClock, service_on_its_own_database
from tests.features.history.conftest import History
from tests.own_service import database, invoke, session_client, settings

if TYPE_CHECKING:
    from types_boto3_customer_profiles import CustomerProfilesClient

__all__ = ["database", "invoke", "session_client", "settings"]

MAIL, PHONE = "zebulon@quixley.example", "+15550107777"
VALUES = ("zebulon", "quixley", "5550107777")
"""What tells of the person, wherever it stands."""

ACROSS_DOMAINS = {
    *("access_keys", "acts", "access_policies", "alembic_version", "console_sessions"),
    "last_backup",
}

QUEUE = "https://sqs.us-east-1.amazonaws.com/000000000000/letters"


@pytest.fixture(scope="session")
def application(
    server: EmbeddedServer, turnable_clock: TurnableClock, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Application]:
    """The service on its own database: what is not done is looked for in all domains."""
    with service_on_its_own_database(
        server,
        turnable_clock,
        "erasure",
        resolution_threads=1,
        data_dir=tmp_path_factory.mktemp("keys"),
        history_retention_days=10_000,
    ) as application:
        yield application


@dataclass(frozen=True)
class Town(History):
    """A domain, its operations of our own, and a look into its tables."""

    invoke: Invoke
    caller: Caller
    database: Database

    def own(self, operation: str, **members: Any) -> Any:
        """What an operation of our own answers."""
        return self.invoke(operation, {"DomainName": self.name, **members}, self.caller)

    def traces(self, *texts: str) -> dict[str, int]:
        """The tables with rows of the domain that tell one of these texts, and how many rows."""
        found = {}
        with self.database.reading() as transaction:
            for table in (*PERSONAL, *WITHOUT_PEOPLE):
                if table in ACROSS_DOMAINS:
                    continue
                rows = transaction.rows(
                    f"select replace(lower(row::text), '-', '') from {table} as row"
                    " where domain_id = (select domain_id from domains where name = %s)",
                    [self.name],
                )
                count = sum(any(text in row for text in texts) for (row,) in rows)
                if count:
                    found[table] = count
        return found


@pytest.fixture
def town(
    client: "CustomerProfilesClient",
    domain: str,
    invoke: Invoke,
    caller: Caller,
    database: Database,
) -> Town:
    """A fresh domain with types of orders, by e-mail address, and of visits, which make nobody."""
    town = Town(client, domain, invoke, caller, database)
    fields: Any = {
        "id": "",
        "mail": ("_profile.EmailAddress", "EMAIL_ADDRESS"),
        "phone": ("_profile.PhoneNumber", "PHONE_NUMBER"),
        "name": "_profile.FirstName",
        "serial": "_asset.SerialNumber",
    }
    keys: Any = {
        "order": (["UNIQUE"], ["id"]),
        "_email": (["PROFILE"], ["mail"]),
        "_phone": (["PROFILE", "SECONDARY"], ["phone"]),
        "serial": (["ASSET"], ["serial"]),
    }
    town.define("Order", fields, keys)
    visit: Any = {**keys, "visit": keys["order"]}
    del visit["order"]
    town.define("Visit", fields, visit, creates=False)
    return town


def order(number: str, **members: str) -> dict[str, str]:
    """An order of the person."""
    return {"id": number, "mail": MAIL, "name": "Zebulon", **members}


@pytest.fixture
def zebulon(town: Town, application: Application) -> str:
    """The id of a person who is in every table that can hold people."""
    client, name = town.client, town.name
    client.update_domain(
        DomainName=name,
        DeadLetterQueueUrl=QUEUE,
        Matching={"Enabled": True},
        RuleBasedMatching={
            "Enabled": True,
            "MatchingRules": [{"Rule": ["FirstName", "LastName"]}],
            "MaxAllowedRuleLevelForMatching": 1,
        },
    )
    client.put_integration(DomainName=name, Uri=f"arn:aws:example:::{name}", ObjectTypeName="Order")
    # Before there is anybody: it has no profile to go to.
    town.put("Visit", order("v1", serial="quixley-watch"))
    for serial in ("quixley-1", "quixley-2"):
        town.put("Order", order("zebulon-1", serial=serial, phone=PHONE))
    profile_id = town.only("_email", MAIL)["ProfileId"]
    town.update(profile_id, LastName="Quixley")
    merged, parted, _, other = (
        town.create(FirstName="Zebulon", LastName="Quixley", EmailAddress=mail, PhoneNumber=PHONE)
        for mail in ("z@quixley.example", "y@quixley.example", MAIL, "x@quixley.example")
    )
    for other_id in (merged, parted):
        client.merge_profiles(
            DomainName=name, MainProfileId=profile_id, ProfileIdsToBeMerged=[other_id]
        )
    town.own("UndoMerge", MergeId=town.own("ListMerges")["Items"][0]["MergeId"])
    town.own("DecideNotSame", ProfileId=profile_id, OtherProfileId=other)
    town.own("StartIdentityResolutionJob")
    machine = matching.Machine(
        invoke=town.invoke,
        hold=partial(holding, application.database.conninfo),
        settings=application.settings,
        caller=town.caller,
    )
    matching.run_due(machine)
    client.delete_profile(DomainName=name, ProfileId=parted)
    return profile_id
