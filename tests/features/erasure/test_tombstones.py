"""Tombstones: an erased person does not come back unseen."""

import json

import pytest

from openprofiles.core.errors import BadRequest
from tests.features.erasure.conftest import MAIL, PHONE, VALUES, order


@pytest.fixture
def erased(town):
    """An erasure with a tombstone."""
    town.put("Order", order("1", phone=PHONE))
    return town.own("EraseProfile", KeyName="_email", Values=[MAIL], Tombstone=True)


@pytest.mark.usefixtures("erased")
def test_an_object_of_an_erased_person_is_rejected_without_its_values(town):
    town.put("Order", order("2"))
    town.put("Order", {"id": "3", "mail": "ann@example.com"})

    (rejected,) = town.own("ListRejectedObjects")["Items"]
    assert rejected["Reason"] == "A tombstone of an erased person stops this object"
    assert town.own("GetRejectedObject", RejectionId=rejected["RejectionId"])["Object"] == "{}"
    assert town.search("_email", MAIL) == []
    assert town.traces(*VALUES) == {}
    assert town.only("_email", "ann@example.com")


@pytest.mark.usefixtures("erased")
def test_each_of_the_values_stops_an_object(town):
    for content in ({"id": "1", "mail": "new@example.com"}, {"id": "9", "phone": PHONE}):
        town.put("Order", content)

    assert len(town.own("ListRejectedObjects")["Items"]) == 2


def test_values_that_others_share_stop_nobody(town):
    town.put("Order", {"id": "5", "mail": "ann@example.com"})
    town.put("Order", order("1"))
    for mail in (MAIL, "ann@example.com"):
        town.update(town.only("_email", mail)["ProfileId"], PhoneNumber=PHONE)
    town.own("EraseProfile", KeyName="_email", Values=[MAIL], Tombstone=True)

    town.put("Order", {"id": "6", "mail": "ann@example.com", "phone": PHONE})

    assert town.own("ListRejectedObjects")["Items"] == []


@pytest.mark.usefixtures("erased")
def test_a_batch_is_stopped_where_it_must_be(town, client):
    contents = [order("7"), {"id": "8", "mail": "ann@example.com"}]
    items = [{"Id": str(n), "Object": json.dumps(one)} for n, one in enumerate(contents)]
    client.batch_put_profile_object(DomainName=town.name, ObjectTypeName="Order", Items=items)

    assert len(town.own("ListRejectedObjects")["Items"]) == 1
    assert town.only("_email", "ann@example.com")


def test_a_tombstone_is_listed_until_it_is_lifted(town, erased):
    erasure_id = erased["ErasureId"]
    assert [item["ErasureId"] for item in town.own("ListTombstones")["Items"]] == [erasure_id]

    town.own("DeleteTombstone", ErasureId=erasure_id)

    assert town.own("ListTombstones")["Items"] == []
    assert town.own("GetErasure", ErasureId=erasure_id)["TombstoneLiftedBy"] == "test"
    town.put("Order", order("2"))
    assert town.only("_email", MAIL)
    with pytest.raises(BadRequest, match="has no tombstone"):
        town.own("DeleteTombstone", ErasureId=erasure_id)


def test_a_second_tombstone_stands_when_the_first_is_lifted(town, erased):
    town.put("Order", {"id": "5", "mail": "ann@example.com"})
    town.own("EraseProfile", KeyName="_email", Values=["ann@example.com"], Tombstone=True)
    town.own("DeleteTombstone", ErasureId=erased["ErasureId"])

    town.put("Order", {"id": "6", "mail": "ann@example.com"})

    assert town.search("_email", "ann@example.com") == []


def test_a_person_without_key_values_needs_no_tombstone(town):
    receipt = town.own(
        "EraseProfile", ProfileIds=[town.create(FirstName="Zebulon")], Tombstone=True
    )

    assert receipt["TombstoneValues"] == 0
    assert town.own("ListTombstones")["Items"] == []
