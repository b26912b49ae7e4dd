"""The history of profiles: what was done, what was there then (extended reference §11)."""

import json

import pytest
from botocore.exceptions import ClientError

from openprofiles.features import expiry
from openprofiles.features.history import operations
from tests.features.history.conftest import with_orders

pytestmark = pytest.mark.sealed_too

ORDER = {"id": "1", "mail": "ann@example.com", "name": "Ann"}
PUT = ("INGESTED", "Order")


def test_a_profile_that_is_written_leaves_what_it_was_each_time(world):
    profile_id = world.create(FirstName="Ann", Attributes={"tier": "1"})
    world.update(profile_id, FirstName="Anna", LastName="Lee")
    world.update(profile_id, LastName="")

    assert world.acts(profile_id) == [("UPDATED", "_profile")] * 2 + [("CREATED", "_profile")]
    own = {"ProfileId": profile_id, "Attributes": {"tier": "1"}}
    assert world.contents(profile_id) == [
        {**own, "FirstName": "Anna"},
        {**own, "FirstName": "Anna", "LastName": "Lee"},
        {**own, "FirstName": "Ann"},
    ]


def test_an_object_that_makes_a_profile_is_two_records(world):
    key = world.put("Order", ORDER)
    profile_id = world.only("_email", ORDER["mail"])["ProfileId"]

    made, put = world.records(profile_id)

    assert (made["ActionType"], put["ActionType"]) == ("CREATED", "INGESTED")
    assert "ProfileObjectUniqueKey" not in made
    assert put["ProfileObjectUniqueKey"] == key
    assert put["CreatedAt"] == put["LastUpdatedAt"]
    assert world.content(profile_id, put) == ORDER
    assert world.content(profile_id, made)["FirstName"] == "Ann"


def test_each_version_of_an_object_is_kept(world):
    versions = [{**ORDER, "name": name} for name in ("Ann", "Anna", "Anna", "Anne")]
    for version in versions:
        world.put("Order", version)
    profile_id = world.only("_email", ORDER["mail"])["ProfileId"]

    puts = world.records(profile_id, ActionType="INGESTED")
    updates = world.records(profile_id, ActionType="UPDATED")

    assert [world.content(profile_id, put) for put in puts] == versions[::-1]
    names = [world.content(profile_id, update)["FirstName"] for update in updates]
    assert names == ["Anne", "Anna"]


def test_versions_of_one_batch_are_kept_too(world, client):
    for turn in range(2):
        items = [{"Id": str(n), "Object": json.dumps({**ORDER, "n": [turn, n]})} for n in range(3)]
        client.batch_put_profile_object(DomainName=world.name, ObjectTypeName="Order", Items=items)
    profile_id = world.only("_email", ORDER["mail"])["ProfileId"]

    puts = world.records(profile_id, ActionType="INGESTED")

    kept = [world.content(profile_id, put)["n"] for put in puts]
    assert kept == [[turn, n] for turn in (1, 0) for n in (2, 1, 0)]


def test_keys_that_come_and_go_are_records(world, client):
    world.put("Order", ORDER)
    profile_id = world.only("_email", ORDER["mail"])["ProfileId"]
    key = {"KeyName": "order", "Values": ["7", "8"]}
    client.add_profile_key(DomainName=world.name, ProfileId=profile_id, **key)
    client.delete_profile_key(DomainName=world.name, ProfileId=profile_id, **key)

    deleted, added, *_ = world.records(profile_id)

    assert (deleted["ActionType"], added["ActionType"]) == (
        "DELETED_PROFILE_KEY",
        "ADDED_PROFILE_KEY",
    )
    assert world.content(profile_id, added) == world.content(profile_id, deleted) == key


def test_a_merged_profile_still_lists_what_it_was(world, client):
    main_id, other_id = world.create(FirstName="Ann"), world.create(LastName="Lee")
    client.merge_profiles(
        DomainName=world.name, MainProfileId=main_id, ProfileIdsToBeMerged=[other_id]
    )

    assert world.acts(main_id)[0] == ("MERGED", "_profile")
    assert world.acts(other_id) == [("DELETED_BY_MERGE", "_profile"), ("CREATED", "_profile")]
    merged = {"ProfileId": main_id, "FirstName": "Ann", "LastName": "Lee"}
    assert world.contents(main_id) == [merged, {"ProfileId": main_id, "FirstName": "Ann"}]
    assert world.contents(other_id) == [{"ProfileId": other_id, "LastName": "Lee"}] * 2


def test_a_merge_that_is_undone_is_in_both_histories(world, client, invoke, caller):
    main_id, other_id = world.create(FirstName="Ann"), world.create(LastName="Lee")
    client.merge_profiles(
        DomainName=world.name, MainProfileId=main_id, ProfileIdsToBeMerged=[other_id]
    )
    (merge,) = invoke("ListMerges", {"DomainName": world.name}, caller)["Items"]
    invoke("UndoMerge", {"DomainName": world.name, "MergeId": merge["MergeId"]}, caller)
    world.update(other_id, LastName="Li")

    assert [what for what, _ in world.acts(main_id)] == ["UPDATED", "MERGED", "CREATED"]
    assert [content.get("LastName") for content in world.contents(main_id)] == [None, "Lee", None]
    assert [content["LastName"] for content in world.contents(other_id)] == ["Li"] + ["Lee"] * 3


def test_what_expires_leaves_its_last_image(world, clock, invoke, caller):
    world.put("Order", ORDER)
    profile_id = world.only("_email", ORDER["mail"])["ProfileId"]
    for days in (31, 336):
        clock.turn(days=days)
        expiry.sweep(invoke, caller)

    assert world.acts(profile_id) == [("EXPIRED", "_profile"), ("EXPIRED", "Order")]
    gone, order = world.contents(profile_id)
    assert (gone["FirstName"], order) == ("Ann", ORDER)


def test_an_object_that_is_deleted_leaves_its_last_version(world, client):
    key = world.put("Order", ORDER)
    profile_id = world.only("_email", ORDER["mail"])["ProfileId"]
    client.delete_profile_object(
        DomainName=world.name,
        ProfileId=profile_id,
        ObjectTypeName="Order",
        ProfileObjectUniqueKey=key,
    )

    record, _, put = world.records(profile_id)

    assert (record["ActionType"], record["ObjectTypeName"]) == ("DELETED_BY_CUSTOMER", "Order")
    assert record["ProfileObjectUniqueKey"] == key
    assert world.content(profile_id, record) == world.content(profile_id, put) == ORDER


def test_a_type_that_is_deleted_takes_the_documents_with_it(world, client):
    for name in ("Ann", "Anna"):
        world.put("Order", {**ORDER, "name": name})
    profile_id = world.only("_email", ORDER["mail"])["ProfileId"]
    client.delete_profile_object_type(DomainName=world.name, ObjectTypeName="Order")

    orders = world.records(profile_id, ObjectTypeName="Order")

    assert [order["ActionType"] for order in orders] == ["DELETED_BY_CUSTOMER"] + ["INGESTED"] * 2
    assert [world.content(profile_id, order) for order in orders] == [None] * 3
    assert world.acts(profile_id)[0] == ("UPDATED", "_profile")


def test_an_object_that_is_evicted_has_expired(client_with, domain):
    client = client_with(objects_per_profile=1)
    world = with_orders(client, domain)
    for number in ("1", "2"):
        world.put("Order", {**ORDER, "id": number})
    profile_id = world.only("_email", ORDER["mail"])["ProfileId"]

    (evicted,) = world.records(profile_id, ActionType="EXPIRED")

    assert world.content(profile_id, evicted) == ORDER


def test_filters_are_exact_and_all_of_them_hold(world):
    world.put("Order", ORDER)
    profile_id = world.only("_email", ORDER["mail"])["ProfileId"]
    world.update(profile_id, LastName="Lee")
    who = world.records(profile_id)[0]["PerformedBy"]

    assert who.startswith("arn:aws:profile:::principal/")
    assert world.acts(profile_id, PerformedBy=who) == world.acts(profile_id)
    assert world.acts(profile_id, PerformedBy="nobody") == []
    assert world.acts(profile_id, ObjectTypeName="Order") == [PUT]
    assert world.acts(profile_id, ObjectTypeName="Order", ActionType="CREATED") == []
    assert world.acts(profile_id, ActionType="CREATED") == [("CREATED", "_profile")]
    assert world.acts(profile_id, ActionType="MERGED") == []


def test_pages_go_on_within_an_entry(world, monkeypatch):
    monkeypatch.setattr(operations, "ENTRIES_AT_ONCE", 2)
    for number in range(3):
        world.put("Order", {**ORDER, "name": f"Ann {number}"})
    profile_id = world.only("_email", ORDER["mail"])["ProfileId"]
    whole = [record["Id"] for record in world.records(profile_id)]

    paged, token = [], None
    while True:
        answer = world.client.list_profile_history_records(
            DomainName=world.name,
            ProfileId=profile_id,
            MaxResults=1,
            **({"NextToken": token} if token else {}),
        )
        paged += [record["Id"] for record in answer["ProfileHistoryRecords"]]
        token = answer.get("NextToken")
        if token is None:
            break

    assert len(whole) == 6
    assert paged == whole
    assert len(world.contents(profile_id)) == 6


def test_a_record_of_another_profile_is_not_found(world):
    one, other = world.create(FirstName="Ann"), world.create(FirstName="Bo")
    (record,) = world.records(one)

    for profile_id, record_id in ((other, record["Id"]), (one, "0" * 32), (one, flipped(record))):
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            world.client.get_profile_history_record(
                DomainName=world.name, ProfileId=profile_id, Id=record_id
            )


def flipped(record):
    """The id of a second record, which this one does not have."""
    return record["Id"][:12] + "8" + record["Id"][13:]


def test_a_profile_that_never_was_has_no_history(world):
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        world.records("0" * 32)


def test_history_goes_when_its_time_is_over(world, clock, invoke, caller):
    profile_id = world.create(FirstName="Ann")
    clock.turn(days=364)
    world.update(profile_id, LastName="Lee")
    clock.turn(days=2)

    assert expiry.sweep(invoke, caller).records > 0

    assert world.acts(profile_id) == [("UPDATED", "_profile")]
    assert world.records(profile_id, ActionType="CREATED") == []


@pytest.mark.clear_only(reason="it changes in the table what is an object there")
def test_what_was_put_before_versions_were_kept_shows_what_is_still_there(world, database):
    world.put("Order", ORDER)
    profile_id = world.only("_email", ORDER["mail"])["ProfileId"]
    with database.transaction() as transaction:
        transaction.send(
            "update journal set detail = detail - 'written_id' where profile_id = %s", [profile_id]
        )

    (put,) = world.records(profile_id, ActionType="INGESTED")
    assert world.content(profile_id, put) == ORDER

    world.put("Order", ORDER)
    assert world.content(profile_id, put) is None
