"""Replays are durable, can be watched and stopped, and go on while objects are put."""

import random
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from openprofiles.core import ids
from openprofiles.core.errors import ResourceNotFound
from openprofiles.features import profiles, replays
from openprofiles.features.profiles.working_set import HOLDERS_LOADED
from openprofiles.features.replays import jobs, running
from openprofiles.features.replays.counts import MOST_EXAMPLES, MOST_NAMES, OTHERS
from openprofiles.jobs import Tick
from tests.features.profiles.consistency import check_domain


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr("openprofiles.features.replays.operations.OBJECTS_AT_ONCE", 3)


@pytest.fixture
def ten(shop, change):
    """Ten customers with a name that the changed type maps."""
    for number in range(10):
        mail = f"{number}@example.com"
        shop.put("Customer", {"id": str(number), "mail": mail, "name": f"Name {number}"})
    change({"name": "_profile.FirstName"})


def named(shop: Any) -> int:
    return sum("FirstName" in shop.only("_email", f"{number}@example.com") for number in range(10))


@pytest.mark.usefixtures("ten")
def test_progress_is_seen_batch_by_batch(own, invoke, caller, domain):
    begun = own.post("/object-types/Customer/replays")
    seen: list[Any] = []

    state = replays.run(invoke, caller, domain, begun["ReplayId"], watch=seen.append)

    assert (begun["Status"], begun["DryRun"], begun["Objects"]) == ("RUNNING", False, 0)
    assert [one["Objects"] for one in seen] == [3, 6, 9, 10, 10]
    assert {one["Total"] for one in seen} == {10}
    assert [one["Status"] for one in seen] == ["RUNNING"] * 4 + ["COMPLETED"]
    assert state["EndedAt"] >= state["StartedAt"]


@pytest.mark.usefixtures("ten")
def test_killed_in_any_batch_it_goes_on_where_it_was(
    own, invoke, caller, domain, shop, monkeypatch
):
    begun = own.post("/object-types/Customer/replays")
    request = {"DomainName": domain, "ReplayId": begun["ReplayId"]}

    def die(*_: Any, **__: Any) -> None:
        raise ConnectionAbortedError

    for done in (0, 3, 6, 9, 10):
        with monkeypatch.context() as patched:
            patched.setattr("openprofiles.features.replays.store.advance", die)
            if done < 10:
                with pytest.raises(ConnectionAbortedError):
                    invoke("ContinueReplay", request, caller)
        assert named(shop) == done
        state = invoke("ContinueReplay", request, caller)
    assert (state["Status"], state["Changed"], state["Objects"]) == ("COMPLETED", 10, 10)


@pytest.mark.usefixtures("ten")
def test_starting_again_goes_on_with_the_one_there_is(own, invoke, caller, domain):
    begun = own.post("/object-types/Customer/replays", DryRun=True)
    invoke("ContinueReplay", {"DomainName": domain, "ReplayId": begun["ReplayId"]}, caller)

    again = own.post("/object-types/Customer/replays", DryRun=True)
    other = own.reply("POST", "/object-types/Customer/replays", {})

    assert (again["ReplayId"], again["Objects"]) == (begun["ReplayId"], 3)
    assert (other.status, other.code) == (400, "BadRequestException")
    assert begun["ReplayId"] in other.content["Message"]


@pytest.mark.usefixtures("ten")
def test_a_stopped_one_keeps_what_it_did(own, invoke, caller, domain, shop):
    begun = own.post("/object-types/Customer/replays")
    request = {"DomainName": domain, "ReplayId": begun["ReplayId"]}
    invoke("ContinueReplay", request, caller)

    stopped = own.post(f"/replays/{begun['ReplayId']}/stop")

    assert (stopped["Status"], stopped["Objects"]) == ("STOPPED", 3)
    assert own.post(f"/replays/{begun['ReplayId']}/stop")["EndedAt"] == stopped["EndedAt"]
    assert invoke("ContinueReplay", request, caller)["Status"] == "STOPPED"
    assert named(shop) == 3
    assert own.post("/object-types/Customer/replays")["ReplayId"] != begun["ReplayId"]


@pytest.mark.usefixtures("ten")
def test_a_type_that_changes_meanwhile_ends_it(own, invoke, caller, domain, change):
    begun = own.post("/object-types/Customer/replays")
    request = {"DomainName": domain, "ReplayId": begun["ReplayId"]}
    invoke("ContinueReplay", request, caller)
    change({"name": "_profile.LastName"})

    state = invoke("ContinueReplay", request, caller)

    assert (state["Status"], state["Objects"]) == ("FAILED", 3)
    assert "The object type changed meanwhile" in state["Message"]


@pytest.mark.usefixtures("ten")
def test_a_type_that_changed_begins_a_new_one(own, change):
    begun = own.post("/object-types/Customer/replays", DryRun=True)
    change({"name": "_profile.LastName"})

    again = own.post("/object-types/Customer/replays")

    assert again["ReplayId"] != begun["ReplayId"]
    assert own.get(f"/replays/{begun['ReplayId']}")["Status"] == "FAILED"


@pytest.mark.usefixtures("ten")
def test_a_type_that_is_deleted_meanwhile_ends_it(own, invoke, caller, domain, client):
    begun = own.post("/object-types/Customer/replays")
    client.delete_profile_object_type(DomainName=domain, ObjectTypeName="Customer")

    request = {"DomainName": domain, "ReplayId": begun["ReplayId"]}
    state = invoke("ContinueReplay", request, caller)

    assert state["Status"] == "FAILED"
    assert state["Message"] == f"Profile object type Customer not found in domain {domain}"


def test_a_template_that_nobody_defined_can_be_replayed(own, invoke, caller, domain):
    begun = own.post("/object-types/CTR/replays", DryRun=True)

    state = replays.run(invoke, caller, domain, begun["ReplayId"])

    assert (state["Status"], state["Objects"], state["Total"]) == ("COMPLETED", 0, 0)


@pytest.mark.usefixtures("shop")
def test_replays_are_listed_the_newest_first(replay, own):
    made = [replay(dry_run=True)["ReplayId"] for _ in range(3)]

    first = own.get("/replays", MaxResults=2)
    second = own.get("/replays", MaxResults=2, NextToken=first["NextToken"])

    listed = [item["ReplayId"] for item in first["Items"] + second["Items"]]
    assert listed == made[::-1]
    assert "NextToken" not in second


def test_what_is_not_there_is_not_found(own, invoke, caller, domain):
    for method, path in [
        ("GET", f"/replays/{ids.random_id()}"),
        ("POST", f"/replays/{ids.random_id()}/stop"),
        ("POST", "/object-types/Nothing/replays"),
    ]:
        reply = own.reply(method, path)
        assert (reply.status, reply.code) == (404, "ResourceNotFoundException")
    request = {"DomainName": domain, "ReplayId": ids.random_id()}
    with pytest.raises(ResourceNotFound):
        invoke("ContinueReplay", request, caller)


def test_what_is_put_while_it_runs_is_neither_lost_nor_done_twice(
    shop, change, own, invoke, caller, database
):
    for number in range(40):
        content = {"id": str(number), "mail": f"{number % 9}@example.com", "name": "old"}
        shop.put("Customer", content)
    change({"name": "_profile.FirstName"}, {"card": (["PROFILE"], ["card"])})
    begun = own.post("/object-types/Customer/replays")
    lots = random.Random(7)

    def put(seed: int) -> None:
        for _ in range(40):
            number = lots.randrange(50)
            mail = f"{lots.randrange(9)}@example.com"
            content = {"id": str(number), "mail": mail, "name": f"new {seed}", "card": str(number)}
            shop.put("Customer", content)

    with ThreadPoolExecutor(5) as pool:
        runs: list[Any] = [
            pool.submit(replays.run, invoke, caller, shop.name, begun["ReplayId"]) for _ in range(2)
        ]
        puts = [pool.submit(put, seed) for seed in range(3)]
        for one in [*runs, *puts]:
            one.result()

    state = own.get(f"/replays/{begun['ReplayId']}")
    assert (state["Status"], state["Rejected"]) == ("COMPLETED", 0)
    assert state["Objects"] <= 40
    counted = check_domain(database, shop.name)
    assert 40 <= counted["objects"] == shop.stats()["ObjectCount"] <= 50
    again = own.post("/object-types/Customer/replays", DryRun=True)
    seen = replays.run(invoke, caller, shop.name, again["ReplayId"])
    assert (seen["Objects"], seen["Rejected"]) == (counted["objects"], 0)


def test_an_object_that_is_put_between_reading_and_locking_is_read_again(
    shop, change, own, invoke, caller, monkeypatch
):
    shop.put("Customer", {"id": "1", "mail": "ann@example.com", "name": "old"})
    change({"name": "_profile.FirstName"})
    begun = own.post("/object-types/Customer/replays")
    reads: list[int] = []
    list_stored = profiles.list_stored

    def list_then_put(*arguments: Any, **named: Any) -> Any:
        found = list_stored(*arguments, **named)
        reads.append(len(found))
        if len(reads) == 1:
            shop.put("Customer", {"id": "1", "mail": "ann@example.com", "name": "new"})
        return found

    monkeypatch.setattr(profiles, "list_stored", list_then_put)
    state = replays.run(invoke, caller, shop.name, begun["ReplayId"])

    assert reads == [1, 0]
    assert (state["Objects"], shop.only("_email", "ann@example.com")["FirstName"]) == (0, "new")


def test_a_batch_that_changes_what_it_only_partly_loaded_is_done_in_pieces(
    shop, change, replay, database, monkeypatch
):
    monkeypatch.setattr("openprofiles.features.replays.operations.OBJECTS_AT_ONCE", 100)
    # A value that so many hold that not all are loaded, and that all of them lose.
    change(keys={"card": ([], ["card"])})
    for number in range(2 * HOLDERS_LOADED):
        mail = f"{number}@example.com"
        shop.put("Customer", {"id": str(number), "mail": mail, "card": "all"})
    change(keys={"card": (["PROFILE", "SECONDARY", "LOOKUP_ONLY"], ["card"])})

    dry, real = replay(dry_run=True), replay()

    assert dry["Changed"] == real["Changed"] == 2 * HOLDERS_LOADED
    assert real["KeysDropped"] == {"card": 2 * HOLDERS_LOADED}
    assert check_domain(database, shop.name)["objects"] == 2 * HOLDERS_LOADED


def test_a_stored_document_that_is_none_stays(shop, replay, database):
    shop.put("Customer", {"id": "1", "mail": "ann@example.com"})
    database.run(
        lambda transaction: transaction.send(
            "update profile_objects set document = '[' where domain_id = "
            "(select domain_id from domains where name = %s)",
            [shop.name],
        )
    )

    assert replay()["Reasons"] == {"Object is not valid JSON": 1}


def test_names_that_are_too_many_are_counted_together(shop, change, replay, monkeypatch):
    monkeypatch.setattr("openprofiles.features.replays.counts.MOST_NAMES", 1)
    monkeypatch.setattr("openprofiles.features.replays.counts.MOST_EXAMPLES", 1)
    for number in range(2):
        content = {"id": str(number), "mail": f"{number}@example.com", "name": "n", "card": "c"}
        shop.put("Customer", content)
    change({"name": "_profile.FirstName", "card": "_profile.LastName"})

    state = replay(dry_run=True)

    assert state["Fields"] == {"FirstName": 2, OTHERS: 2}
    assert len(state["Examples"]) == 1
    assert (MOST_NAMES, MOST_EXAMPLES) == (200, 20)


@pytest.mark.usefixtures("ten")
def test_the_job_worker_works_on_those_that_have_not_ended(own, invoke, settings, clock, shop):
    begun = own.post("/object-types/Customer/replays")
    (schedule,) = jobs.schedules(invoke, settings)
    stopping = Event()
    tick = Tick(clock(), lambda *_: None, stopping)

    stopping.set()
    schedule.function(tick)
    assert own.get(f"/replays/{begun['ReplayId']}")["Objects"] == 0
    stopping.clear()
    schedule.function(tick)

    assert own.get(f"/replays/{begun['ReplayId']}")["Status"] == "COMPLETED"
    assert named(shop) == 10
    schedule.function(tick)


@pytest.mark.usefixtures("ten")
def test_one_that_is_told_to_stop_goes_on_later(own, invoke, caller, domain):
    begun = own.post("/object-types/Customer/replays")

    state = replays.run(invoke, caller, domain, begun["ReplayId"], is_stopping=lambda: True)

    assert (state["Status"], state["Objects"]) == ("RUNNING", 3)


@pytest.mark.usefixtures("ten")
def test_a_domain_that_is_deleted_meanwhile_is_no_trouble(own, invoke, caller, client, domain):
    own.post("/object-types/Customer/replays")
    others = len(invoke("ListDueReplays", {}, caller)["Replays"]) - 1

    def deleting(name: str, parameters: Any, caller: Any) -> Any:
        if name == "ContinueReplay" and parameters["DomainName"] == domain:
            client.delete_domain(DomainName=domain)
        return invoke(name, parameters, caller)

    assert running.run_due(deleting, caller) == others
