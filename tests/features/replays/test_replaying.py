"""Stored objects go through the changed mapping of their type."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from openprofiles.features import replays
from openprofiles.features.invoke import invoker
from openprofiles.features.profiles.profile_object import unique_key
from tests.features.profiles.consistency import check_domain

NUMBERS = ("Objects", "Unchanged", "Changed", "Rejected", "Moved", "ProfilesCreated")


def numbers(state: Any, *names: str) -> list[int]:
    return [state[name] for name in names or NUMBERS]


def test_a_new_target_is_filled_from_what_is_stored(shop, change, replay, database):
    for number in range(5):
        mail = f"{number}@example.com"
        shop.put("Customer", {"id": str(number), "mail": mail, "name": f"Name {number}"})
    shop.put("Customer", {"id": "nameless", "mail": "x@example.com"})
    change({"name": "_profile.FirstName"})

    dry = replay(dry_run=True)
    assert "FirstName" not in shop.only("_email", "0@example.com")
    real = replay()

    for state in (dry, real):
        assert state["Status"] == "COMPLETED"
        assert state["Total"] == 6
        assert numbers(state) == [6, 1, 5, 0, 0, 0]
        assert state["Fields"] == {"FirstName": 5}
        assert len(state["Examples"]) == 5
        assert state["Examples"][0]["Fields"] == ["FirstName"]
    for number in range(5):
        assert shop.only("_email", f"{number}@example.com")["FirstName"] == f"Name {number}"
    assert numbers(replay()) == [6, 6, 0, 0, 0, 0]
    assert check_domain(database, shop.name) == {"profiles": 6, "objects": 6, "records": 0}


def test_new_keys_find_what_is_stored_and_old_ones_do_not(shop, change, replay, database):
    shop.put("Customer", {"id": "1", "mail": "ann@example.com", "name": "n1", "card": "c1"})
    change(keys={"card": (["PROFILE"], ["card"])})
    replay()
    assert shop.only("card", "c1")["EmailAddress"] == "ann@example.com"

    change(keys={"naming": (["PROFILE", "SECONDARY"], ["name"])})
    state = replay()

    assert (state["KeysAdded"], state["KeysDropped"]) == ({"naming": 1}, {"card": 1})
    assert shop.only("naming", "n1")
    assert check_domain(database, shop.name)["profiles"] == 1


def test_objects_move_to_the_profile_that_their_new_keys_name(shop, change, replay, database):
    shop.put("Customer", {"id": "1", "mail": "home@example.com", "card": "c1"})
    shop.put("Customer", {"id": "2", "mail": "work@example.com", "card": "c1"})
    first, second = (
        shop.only("_email", f"{name}@example.com")["ProfileId"] for name in ("home", "work")
    )
    shop.client.add_profile_key(
        DomainName=shop.name, ProfileId=first, KeyName="_account", Values=["c1"]
    )
    change(
        keys={"_account": (["PROFILE"], ["card"]), "_email": (["PROFILE", "SECONDARY"], ["mail"])}
    )

    dry, real = replay(dry_run=True), replay()

    for state in (dry, real):
        assert numbers(state) == [2, 0, 2, 0, 1, 0]
        assert state["ProfilesEmptied"] == 1
        (example,) = (one for one in state["Examples"] if "FormerProfileId" in one)
        assert (example["FormerProfileId"], example["ProfileId"]) == (second, first)
    assert len(shop.items("Customer", first)) == 2
    assert shop.items("Customer", second) == []
    assert check_domain(database, shop.name)["objects"] == 2


def test_objects_that_were_wrongly_together_part(shop, change, replay, database):
    change(keys={"_account": (["PROFILE"], ["card"]), "_email": None})
    for number in "123":
        shop.put("Customer", {"id": number, "mail": f"{number}@example.com", "card": "shared"})
    (together,) = shop.search("_account", "shared")
    change()

    dry, real = replay(dry_run=True), replay()

    # The first one's mail address is the profile's already.
    assert numbers(dry) == numbers(real)
    assert real["ProfilesCreated"] == real["Moved"] == 2
    assert len(shop.search("_email", "1@example.com")) == 1
    assert shop.stats()["ProfileCount"] == 3
    assert shop.stats()["ObjectCount"] == 3
    assert len(shop.items("Customer", together["ProfileId"])) == 1
    assert check_domain(database, shop.name)["objects"] == 3


def test_an_object_that_its_type_would_reject_now_stays_as_it_is(shop, change, replay, own):
    shop.put("Customer", {"id": "1", "mail": "ann@example.com", "name": "x" * 300})
    shop.put("Customer", {"id": "2", "mail": "bob@example.com", "name": "Bob"})
    change({"name": "_profile.FirstName"})

    dry, real = replay(dry_run=True), replay()

    for state in (dry, real):
        assert numbers(state) == [2, 0, 1, 1, 0, 0]
        assert state["Reasons"] == {"The value of field name is longer than 255 characters": 1}
    ann = shop.only("_email", "ann@example.com")["ProfileId"]
    assert len(shop.items("Customer", ann)) == 1
    assert own.get("/rejected-objects")["Items"] == []


def test_without_creation_what_finds_nobody_stays(shop, change, replay, database):
    shop.put("Customer", {"id": "1", "mail": "ann@example.com", "card": "c1"})
    change(keys={"_account": (["PROFILE"], ["card"]), "_email": None}, creates=False)

    state = replay()

    assert state["Reasons"] == {"No profile found for the keys of this object": 1}
    assert len(shop.items("Customer", shop.only("_email", "ann@example.com")["ProfileId"])) == 1
    assert check_domain(database, shop.name) == {"profiles": 1, "objects": 1, "records": 0}


def test_an_object_keeps_its_place_in_time(shop, change, replay, clock, database):
    clock.turn(days=-10)
    shop.put("Customer", {"id": "1", "mail": "ann@example.com", "name": "Ann"})
    before = rows_of(database, shop)
    profile_before = written_at(database, shop)
    clock.turn(days=10)
    change({"name": "_profile.FirstName"})

    replay()

    assert rows_of(database, shop) == before
    assert written_at(database, shop) == profile_before
    assert before[0][2] - before[0][1] == timedelta(days=366)


def rows_of(database: Any, shop: Any) -> list[Any]:
    with database.reading() as transaction:
        return transaction.rows(
            "select written_id, ingested_at, expires_at from profile_objects "
            "join domains using (domain_id) where name = %s",
            [shop.name],
        )


def written_at(database: Any, shop: Any) -> list[Any]:
    with database.reading() as transaction:
        return transaction.rows(
            "select written_at, written_on from profiles join domains using (domain_id)"
            " where name = %s",
            [shop.name],
        )


def test_the_later_object_of_a_profile_has_the_last_word_whatever_the_order(shop, change, replay):
    for customer in range(10):
        for version in range(4):
            content = {
                "id": f"{customer}-{version}",
                "mail": f"{customer}@example.com",
                "name": f"v{version}",
            }
            shop.put("Customer", content)
    change({"name": "_profile.FirstName"})

    replay()

    for customer in range(10):
        assert shop.only("_email", f"{customer}@example.com")["FirstName"] == "v3"


@pytest.mark.parametrize("at_once", [1, 2, 100])
def test_of_objects_that_came_at_one_moment_the_last_has_the_last_word(
    shop, change, replay, ingest, monkeypatch, at_once
):
    monkeypatch.setattr("openprofiles.features.replays.operations.OBJECTS_AT_ONCE", at_once)
    contents = [
        {"id": f"{customer}-{version}", "mail": f"{customer}@example.com", "name": f"v{version}"}
        for version in range(3)
        for customer in range(6)
    ]
    ingest("Customer", contents)
    change({"name": "_profile.FirstName"})

    replay()

    for customer in range(6):
        assert shop.only("_email", f"{customer}@example.com")["FirstName"] == "v2"
    assert replay()["Changed"] == 0


def test_what_came_later_from_others_stays(shop, change, replay):
    shop.put("Customer", {"id": "1", "mail": "ann@example.com", "name": "Old", "card": "Card"})
    ann = shop.only("_email", "ann@example.com")["ProfileId"]
    shop.define(
        "Later",
        {"id": "", "mail": ("", "EMAIL_ADDRESS"), "name": "_profile.FirstName"},
        {
            "later": (["UNIQUE"], ["id"]),
            "_email": (["PROFILE"], ["mail"]),
        },
    )
    shop.put("Later", {"id": "1", "mail": "ann@example.com", "name": "New"})
    shop.update(ann, LastName="By hand")
    change({"name": "_profile.FirstName", "card": "_profile.LastName"})

    state = replay()

    found = shop.get(ann)
    assert (found["FirstName"], found["LastName"]) == ("New", "By hand")
    assert state["Fields"] == {}


def test_a_stronger_type_overwrites_what_came_later_but_for_a_persons_word(shop, change, replay):
    shop.put("Customer", {"id": "1", "mail": "ann@example.com", "name": "Strong", "card": "Card"})
    ann = shop.only("_email", "ann@example.com")["ProfileId"]
    shop.define(
        "Later",
        {"id": "", "mail": ("", "EMAIL_ADDRESS"), "name": "_profile.FirstName"},
        {
            "later": (["UNIQUE"], ["id"]),
            "_email": (["PROFILE"], ["mail"]),
        },
        SourcePriority=5,
    )
    shop.put("Later", {"id": "1", "mail": "ann@example.com", "name": "Weak"})
    shop.update(ann, LastName="By hand")
    fields = {"name": "_profile.FirstName", "card": "_profile.LastName"}
    change(fields, SourcePriority=1)

    replay()

    found = shop.get(ann)
    assert (found["FirstName"], found["LastName"]) == ("Strong", "By hand")


def test_another_unique_key_leaves_each_object_once(shop, change, replay, database):
    for number in range(30):
        content = {"id": str(number), "mail": f"{number % 7}@example.com", "card": f"c{number}"}
        shop.put("Customer", content)
    change(keys={"customer": None, "carded": (["UNIQUE"], ["card"])})

    dry, real = replay(dry_run=True), replay()

    for state in (dry, real):
        assert state["Rekeyed"] == state["Changed"] == 30
        assert state["Objects"] == state["Total"] == 30
        assert state["United"] == 0
    assert shop.stats()["ObjectCount"] == 30
    assert check_domain(database, shop.name) == {"profiles": 7, "objects": 30, "records": 0}
    assert len(shop.search("carded", "c3")) == 1
    assert replay()["Changed"] == 0


@pytest.mark.parametrize("at_once", [1, 100])
def test_objects_whose_unique_key_is_one_now_become_the_latest_of_them(
    shop, change, replay, database, monkeypatch, at_once
):
    monkeypatch.setattr("openprofiles.features.replays.operations.OBJECTS_AT_ONCE", at_once)
    for customer in range(6):
        for version in range(3):
            content = {
                "id": f"{customer}-{version}",
                "mail": f"{customer}@example.com",
                "card": f"c{customer}",
                "name": f"v{version}",
            }
            shop.put("Customer", content)
    change({"name": "_profile.FirstName"}, {"customer": None, "carded": (["UNIQUE"], ["card"])})

    state = replay()

    assert (state["Rekeyed"], state["United"]) == (18, 12)
    assert check_domain(database, shop.name) == {"profiles": 6, "objects": 6, "records": 0}
    for customer in range(6):
        found = shop.only("_email", f"{customer}@example.com")
        (item,) = shop.objects("Customer", found["ProfileId"])
        assert (item["name"], found["FirstName"]) == ("v2", "v2")


def test_records_follow_the_new_mapping(shop, change, replay, database):
    shop.put("Customer", {"id": "1", "mail": "ann@example.com", "card": "c1", "name": "Mug"})
    change(
        {"card": "_order.Attributes.Card", "name": "_order.Name"},
        {"ordered": (["ORDER"], ["card"])},
    )

    dry, real = replay(dry_run=True), replay()

    assert dry["RecordsChanged"] == real["RecordsChanged"] == 1
    ann = shop.only("_email", "ann@example.com")["ProfileId"]
    (order,) = shop.objects("_order", ann)
    assert order["Name"] == "Mug"
    assert replay()["Changed"] == 0
    assert check_domain(database, shop.name) == {"profiles": 1, "objects": 1, "records": 1}


def test_a_new_format_of_time_is_a_change(shop, change, replay):
    content = {"id": "1", "mail": "ann@example.com", "name": "2026-01-02"}
    shop.put("Customer", content)
    change(
        {"name": "_profile.SourceLastUpdatedTimestamp"},
        SourceLastUpdatedTimestampFormat="yyyy-MM-dd",
    )

    assert replay()["Changed"] == 1
    assert replay()["Changed"] == 0


def test_an_object_that_was_evicted_for_others_in_its_batch_is_left(
    shop, change, application, clock, caller, own
):
    small = replace(application.settings, objects_per_profile=2)
    invoke = invoker(application.database, small, clock)
    # The last one in the order of replays is the oldest, which is evicted first.
    *others, last = sorted("0123456", key=lambda one: unique_key("Customer", one))
    for one in (last, *others):
        shop.put("Customer", {"id": one, "mail": f"{one}@example.com", "card": "c"})
    first = shop.only("_email", f"{last}@example.com")["ProfileId"]
    shop.client.add_profile_key(
        DomainName=shop.name, ProfileId=first, KeyName="_account", Values=["c"]
    )
    change(keys={"_account": (["PROFILE"], ["card"]), "_email": None})

    begun = own.post("/object-types/Customer/replays")
    replays.run(invoke, caller, shop.name, begun["ReplayId"])

    state = own.get(f"/replays/{begun['ReplayId']}")
    assert state["Reasons"] == {"The object was evicted for others of its profile": 1}
    assert len(shop.items("Customer", first)) == 2
    check_domain(application.database, shop.name)
