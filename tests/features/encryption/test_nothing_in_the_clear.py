"""A rich life in a domain with a key, and then every row of every table: no value of a customer."""

import json
from functools import partial
from typing import Any

import pytest

from openprofiles.core import ids
from openprofiles.features import matching
from openprofiles.storage.sessions import holding
from tests.features.encryption.conftest import LOCAL_KEY
from tests.features.profiles.conftest import World

VALUES = {
    "first": "Zephyrinette",
    "last": "Quackenbush-Oyelaran",
    "mail": "zq.oyelaran@kestrel-example.com",
    "phone": "+12063457891",
    "account": "ACCT-7714-QX",
    "city": "Llanfairpwllgwyn",
    "note": "allergic to wolframite",
    "asset": "SERIAL-99-ZULU-3",
    "later": "Marmalade-Thistlewood",
    "card": "CARD-4444-PLOVER",
}


@pytest.fixture
def machine(application, caller) -> matching.Machine:
    return matching.Machine(
        invoke=application.invoke,
        hold=partial(holding, application.database.conninfo),
        settings=application.settings,
        caller=caller,
    )


def define(world: World) -> None:
    world.define(
        "Customer",
        {
            "id": "_profile.AccountNumber",
            "first": "_profile.FirstName",
            "last": "_profile.LastName",
            "mail": ("_profile.EmailAddress", "EMAIL_ADDRESS"),
            "city": "_profile.Address.City",
            "note": "_profile.Attributes.note",
        },
        {"customer": (["UNIQUE"], ["id"]), "_email": (["PROFILE"], ["mail"])},
    )
    world.define(
        "Thing",
        {"asset": "_asset.SerialNumber", "mail": ("", "EMAIL_ADDRESS")},
        {"assetKey": (["UNIQUE", "ASSET"], ["asset"]), "_email": (["PROFILE"], ["mail"])},
        creates=False,
    )


def live(world: World) -> str:
    """Do all there is to do; the id of the profile that is left."""
    define(world)
    customer = {name: VALUES[name] for name in ("first", "last", "mail", "city", "note")}
    world.put("Customer", {"id": VALUES["account"], **customer})
    world.put("Customer", {"id": VALUES["account"], **customer, "last": VALUES["later"]})
    world.put("Thing", {"asset": VALUES["asset"], "mail": VALUES["mail"]})
    world.put("Thing", {"asset": "other", "mail": "nobody@kestrel-example.com"})
    other = world.create(
        FirstName=VALUES["first"], LastName=VALUES["last"], PhoneNumber=VALUES["phone"]
    )
    world.client.add_profile_key(
        DomainName=world.name, ProfileId=other, KeyName="_account", Values=[VALUES["card"]]
    )
    world.create(FirstName=VALUES["first"], LastName=VALUES["last"], PhoneNumber=VALUES["phone"])
    main = world.only("_email", VALUES["mail"])["ProfileId"]
    world.client.merge_profiles(
        DomainName=world.name, MainProfileId=main, ProfileIdsToBeMerged=[other]
    )
    world.update(main, AdditionalInformation=VALUES["note"])
    return main


RULES: Any = {
    "Enabled": True,
    "MatchingRules": [{"Rule": ["LastName"]}],
    "MaxAllowedRuleLevelForMatching": 1,
}


def leaks(text: str) -> set[str]:
    return {value for value in VALUES.values() if value.lower() in text}


def test_no_table_has_a_value(client, domain, every_text, machine, own):
    world = World(client, domain)
    client.update_domain(
        DomainName=domain,
        DefaultEncryptionKey=LOCAL_KEY,
        DeadLetterQueueUrl="https://sqs.eu-central-1.amazonaws.com/1/queue",
        Matching={"Enabled": True, "JobSchedule": {"DayOfTheWeek": "SATURDAY", "Time": "00:00"}},
        RuleBasedMatching=RULES,
    )

    main = live(world)
    job = own.post("/identity-resolution-jobs")
    matching.run_one(machine, domain, job["JobId"])

    found = world.get(main)
    assert (found["LastName"], found["AccountNumber"]) == (VALUES["later"], VALUES["account"])
    assert leaks(every_text()) == set()


def test_a_domain_without_a_key_is_as_it_was(world, every_text):
    live(world)

    assert leaks(every_text()) == set(VALUES.values())


def test_values_are_gone_from_the_tables_once_a_domain_has_turned(
    world, client, every_text, work_off, own
):
    main = live(world)

    client.update_domain(DomainName=world.name, DefaultEncryptionKey=LOCAL_KEY)
    work_off()

    assert own.get("/encryption")["Status"] == "ENCRYPTED"
    assert leaks(every_text()) == set()
    assert world.get(main)["LastName"] == VALUES["later"]
    assert world.only("_account", VALUES["card"])["ProfileId"] == main


def test_a_merge_of_before_is_undone_in_a_domain_that_turned(world, client, work_off, own):
    main = live(world)
    (merge,) = own.get("/merges")["Items"]
    client.update_domain(DomainName=world.name, DefaultEncryptionKey=LOCAL_KEY)
    work_off()

    own.post(f"/merges/{merge['MergeId']}/undo")

    assert world.only("_account", VALUES["card"])["ProfileId"] != main
    assert len(world.search("_phone", VALUES["phone"])) == 2


def test_an_object_of_a_type_with_a_key_is_sealed_in_a_domain_without(world, every_text):
    world.define(
        "Card",
        {"card": "", "mail": ("_profile.EmailAddress", "EMAIL_ADDRESS")},
        {"cardKey": (["UNIQUE"], ["mail"]), "_email": (["PROFILE"], ["mail"])},
        EncryptionKey=LOCAL_KEY,
    )

    world.put("Card", {"card": VALUES["card"], "mail": VALUES["mail"]})

    assert leaks(every_text()) == {VALUES["mail"]}
    profile_id = world.only("_email", VALUES["mail"])["ProfileId"]
    assert world.objects("Card", profile_id) == [{"card": VALUES["card"], "mail": VALUES["mail"]}]


def test_a_rejected_object_is_sealed_and_shown(sealed_domain, client, own, every_text):
    world = World(client, sealed_domain)
    define(world)
    content = {"asset": VALUES["asset"], "mail": VALUES["mail"]}
    world.put("Thing", content)

    (item,) = own.get("/rejected-objects")["Items"]
    shown = own.get(f"/rejected-objects/{item['RejectionId']}")

    assert json.loads(shown["Object"]) == content
    assert item["Size"] == len(json.dumps(content))
    assert VALUES["asset"].lower() not in every_text()
    assert ids.random_id() not in every_text()
