"""Erasing a person everywhere."""

import json
import logging
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from openprofiles.core.errors import BadRequest, ResourceNotFound
from openprofiles.features import erasure, expiry
from openprofiles.features.erasure import PERSONAL, WITHOUT_PEOPLE, erasing, jobs, marks
from openprofiles.features.erasure.marks import Marks
from openprofiles.jobs import Tick
from openprofiles.storage import migrating
from tests.features.erasure.conftest import MAIL, PHONE, VALUES, order

SCHEMA = Path(migrating.__file__).with_name("schema.sql")


def test_each_table_says_whether_it_holds_something_of_people():
    tables = re.findall(r"create table public\.(\w+)", SCHEMA.read_text("utf-8"), re.IGNORECASE)

    assert sorted([*PERSONAL, *WITHOUT_PEOPLE]) == sorted(tables)


@pytest.mark.clear_only(reason="it looks for values in the tables")
def test_a_person_goes_everywhere(town, zebulon):
    everywhere = town.traces(*VALUES, zebulon)
    # What is due to be merged by rule is worked off at once.
    assert set(PERSONAL) - everywhere.keys() == {"rule_merges_due"}
    assert everywhere.keys() <= PERSONAL.keys() | {"erasures"}
    ids = [item["ProfileId"] for item in town.search("_phone", PHONE)]
    assert len(ids) == 3

    receipt = town.own("EraseProfile", ProfileIds=ids)

    assert town.traces(*VALUES) == {}
    assert town.traces(*ids).keys() == {"journal", "erasures"}
    done = town.own("GetErasure", ErasureId=receipt["ErasureId"])
    assert done["Status"] == "DONE"
    assert re.fullmatch("[0-9a-f]{64}", done["Digest"])
    counts = done["Counts"]
    assert (counts["Profiles"], counts["Objects"], counts["RejectedObjects"]) == (3, 1, 1)
    assert all(counts.values()), counts


def test_a_person_goes_as_far_from_a_domain_that_was_given_a_key(town, zebulon, client):
    ids = [item["ProfileId"] for item in town.search("_phone", PHONE)]
    counts = town.own("PreviewErasure", ProfileIds=ids)["Counts"]
    client.update_domain(DomainName=town.name, DefaultEncryptionKey="mine")
    assert town.own("PreviewErasure", ProfileIds=ids)["Counts"] == counts

    receipt = town.own("EraseProfile", ProfileIds=ids)

    assert zebulon in receipt["ProfileIds"]
    done = town.own("GetErasure", ErasureId=receipt["ErasureId"])["Counts"]
    assert (done["Profiles"], done["Objects"], done["RejectedObjects"]) == (3, 1, 1)
    assert all(done.values()), done
    assert town.traces(*VALUES) == {}
    assert town.traces(*ids).keys() == {"journal", "erasures"}


def test_a_preview_counts_and_removes_nothing(town, zebulon):
    before = town.traces(*VALUES, zebulon)

    counts = town.own("PreviewErasure", ProfileIds=[zebulon])["Counts"]

    assert town.traces(*VALUES, zebulon) == before
    assert counts["Objects"] == 1
    assert counts["FormerObjects"] == 1


def test_delete_profile_is_an_erasure(town, client):
    for name in ("Zebulon", "Zeb"):
        town.put("Order", order("1", name=name))
    profile_id = town.only("_email", MAIL)["ProfileId"]
    client.add_profile_key(
        DomainName=town.name, ProfileId=profile_id, KeyName="order", Values=["Quixley"]
    )

    client.delete_profile(DomainName=town.name, ProfileId=profile_id)

    assert town.traces(*VALUES) == {}
    assert town.acts(profile_id) == [
        ("DELETED_BY_CUSTOMER", "_profile"),
        ("ADDED_PROFILE_KEY", "_profile"),
        ("UPDATED", "_profile"),
        ("INGESTED", "Order"),
        ("CREATED", "_profile"),
        ("INGESTED", "Order"),
    ]
    assert town.contents(profile_id) == [None] * 6
    assert not any("ProfileObjectUniqueKey" in record for record in town.records(profile_id))
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        client.delete_profile(DomainName=town.name, ProfileId=profile_id)


def test_what_a_merged_profile_left_goes_with_the_main_one(town, client):
    main_id, other_id = town.create(FirstName="Zebulon"), town.create(LastName="Quixley")
    client.merge_profiles(
        DomainName=town.name, MainProfileId=main_id, ProfileIdsToBeMerged=[other_id]
    )

    receipt = town.own("EraseProfile", ProfileIds=[other_id])

    assert receipt["ProfileIds"] == [main_id, other_id]
    assert town.traces(*VALUES) == {}


@pytest.mark.clear_only(reason="it looks for values in the tables")
def test_a_profile_that_expired_still_has_a_history_to_erase(town, clock, invoke, caller):
    profile_id = town.create(FirstName="Zebulon")
    clock.turn(days=367)
    expiry.sweep(invoke, caller)
    assert town.traces("zebulon").keys() == {"journal"}

    town.own("EraseProfile", ProfileIds=[profile_id])

    assert town.traces("zebulon") == {}


def test_a_person_is_found_by_a_key(town):
    town.put("Order", order("1"))

    town.own("EraseProfile", KeyName="_email", Values=[MAIL.upper()])

    assert town.search("_email", MAIL) == []


def test_a_key_of_several_profiles_erases_nobody(town):
    for _ in range(2):
        town.create(EmailAddress=MAIL)

    with pytest.raises(BadRequest, match="2 profiles have this value of key _email"):
        town.own("EraseProfile", KeyName="_email", Values=[MAIL])

    assert len(town.search("_email", MAIL)) == 2


@pytest.mark.parametrize(
    ("members", "error"),
    [
        ({}, BadRequest),
        ({"ProfileIds": ["0" * 32], "KeyName": "_email"}, BadRequest),
        ({"ProfileIds": ["0" * 32]}, ResourceNotFound),
        ({"KeyName": "_email", "Values": ["nobody@example.com"]}, ResourceNotFound),
    ],
)
def test_who_is_meant_must_be_said(town, members, error):
    with pytest.raises(error):
        town.own("PreviewErasure", **members)


def test_rejected_objects_of_others_stay(town):
    town.put("Visit", order("v1"))
    town.put("Visit", {"id": "v2", "mail": "ann@example.com"})
    town.put("Visit", {"id": "v3", "mail": "ann@example.com", "note": "asks for zebulon"})
    town.put("Order", order("1"))

    town.own("EraseProfile", KeyName="_email", Values=[MAIL])

    left = town.own("ListRejectedObjects")["Items"]
    assert len(left) == 2


def test_what_no_mapping_can_read_is_searched_as_text(town, client):
    mail_of_ann = {"id": "v2", "mail": "ann@example.com", "note": "+1 (555) 010-7777"}
    for content in (order("v1"), {"id": "v3", "mail": MAIL.upper()}, mail_of_ann, {"id": "v4"}):
        town.put("Visit", content | {"mail": content.get("mail", "bo@example.com")})
    town.put("Order", order("1", phone=PHONE))
    client.delete_profile_object_type(DomainName=town.name, ObjectTypeName="Visit")

    town.own("EraseProfile", KeyName="_email", Values=[MAIL])

    (left,) = town.own("ListRejectedObjects")["Items"]
    kept = town.own("GetRejectedObject", RejectionId=left["RejectionId"])
    assert json.loads(kept["Object"])["id"] == "v4"


def test_what_a_mapping_cannot_read_any_more_is_the_persons_by_its_text(town):
    town.put("Visit", order("v1"))
    town.put("Visit", {"id": "v2", "mail": "bo@example.com"})
    town.put("Order", order("1"))
    # What was rejected has no place for the key of the new type.
    town.define("Visit", {"number": ""}, {"visit": (["PROFILE", "UNIQUE"], ["number"])})

    town.own("EraseProfile", KeyName="_email", Values=[MAIL])

    (left,) = town.own("ListRejectedObjects")["Items"]
    kept = town.own("GetRejectedObject", RejectionId=left["RejectionId"])
    assert json.loads(kept["Object"])["id"] == "v2"


@pytest.mark.clear_only(reason="it looks for values in the tables")
def test_an_erasure_that_dies_midway_goes_on(town, invoke, caller, monkeypatch):
    monkeypatch.setattr(erasing, "OBJECTS_AT_ONCE", 2)
    for number in range(5):
        town.put("Visit", order(f"v{number}"))
    town.put("Order", order("1"))

    receipt = town.own("EraseProfile", KeyName="_email", Values=[MAIL])

    begun = town.own("GetErasure", ErasureId=receipt["ErasureId"])
    assert begun["Status"] == "LOOKING_THROUGH_REJECTED_OBJECTS"
    assert begun["Counts"]["RejectedObjects"] == 2
    assert "Digest" not in begun
    # What is looked for cannot be read in the receipt.
    assert town.traces(*VALUES).keys() == {"rejected_objects"}
    assert jobs.run_due(invoke, caller) > 1
    assert town.own("GetErasure", ErasureId=receipt["ErasureId"])["Status"] == "DONE"
    assert town.traces(*VALUES) == {}
    assert town.own("ContinueErasure", ErasureId=receipt["ErasureId"])["IsDone"]


def test_an_erasure_in_a_domain_that_is_gone_is_looked_for_no_more(town, client, monkeypatch):
    monkeypatch.setattr(erasing, "OBJECTS_AT_ONCE", 1)
    for number in range(3):
        town.put("Visit", order(f"v{number}"))
    town.put("Order", order("1"))
    town.own("EraseProfile", KeyName="_email", Values=[MAIL])

    def deleting(name, parameters, caller):
        if name == "ContinueErasure" and town.name in domains_of(client):
            client.delete_domain(DomainName=town.name)
        return town.invoke(name, parameters, caller)

    jobs.run_due(deleting, town.caller)

    assert town.invoke("FindUnfinishedErasure", {}, town.caller) == {}


def domains_of(client):
    """The names of all domains."""
    return [item["DomainName"] for item in client.list_domains()["Items"]]


def test_a_put_at_the_same_time_leaves_a_whole_person_or_none(town):
    for turn in range(10):
        town.put("Order", order("1"))
        profile_id = town.search("_email", MAIL)[0]["ProfileId"]
        with ThreadPoolExecutor(2) as pool:
            pool.submit(town.put, "Order", order("2", turn=str(turn)))
            pool.submit(
                town.client.delete_profile, DomainName=town.name, ProfileId=profile_id
            ).result()

        for found in town.search("_email", MAIL):
            assert found["FirstName"] == "Zebulon"
            assert len(town.objects("Order", found["ProfileId"])) == 1
        assert profile_id not in [found["ProfileId"] for found in town.search("_email", MAIL)]


def test_an_unknown_erasure_is_not_found(town):
    with pytest.raises(ResourceNotFound):
        town.own("GetErasure", ErasureId="0" * 32)


def test_receipts_are_listed_page_by_page(town):
    made = [
        town.own("EraseProfile", ProfileIds=[town.create(FirstName="A")])["ErasureId"]
        for _ in range(3)
    ]

    first = town.own("ListErasures", MaxResults=2)
    second = town.own("ListErasures", MaxResults=2, NextToken=first["NextToken"])

    listed = [item["ErasureId"] for item in (*first["Items"], *second["Items"])]
    assert listed == made[::-1]
    assert second["NextToken"] is None


def test_the_job_worker_goes_on_with_erasures(town, settings, monkeypatch, caplog, clock):
    monkeypatch.setattr(erasing, "OBJECTS_AT_ONCE", 1)
    for number in range(2):
        town.put("Visit", order(f"v{number}"))
    town.put("Order", order("1"))
    town.own("EraseProfile", KeyName="_email", Values=[MAIL])
    (schedule,) = erasure.schedules(town.invoke, settings)
    tick = Tick(clock(), lambda *_: None, threading.Event())

    with caplog.at_level(logging.INFO):
        schedule.function(tick)
        schedule.function(tick)

    assert caplog.messages == ["Went on with erasures"]
    assert town.traces(*VALUES) == {}


def test_a_document_that_is_none_is_searched_as_it_is():
    assert marks.has_text('{"mail": "zebulon@', ["zebulon"])
    assert not marks.has_text('{"mail": "bo@', ["zebulon"])
    found = Marks([("_email", MAIL)], []).finder(lambda _: None)
    assert found("Order", json.dumps({"mail": MAIL}))
