"""Rejected objects are listed, counted, shown and dropped."""

import json

import pytest

from tests.opened import read_rows
from tests.own import Own

NOT_FOUND = "No profile found for the keys of this object"
AMBIGUOUS = "All keys of this object are binding to more than one profiles"


def test_what_is_rejected_is_listed_the_newest_first_in_pages(own, reject):
    reject("Order", "1", "2", "3")

    first = own.get("/rejected-objects", MaxResults=2)
    second = own.get("/rejected-objects", MaxResults=2, NextToken=first["NextToken"])

    items = first["Items"] + second["Items"]
    assert [len(first["Items"]), len(second["Items"])] == [2, 1]
    assert "NextToken" not in second
    shown = [own.get(f"/rejected-objects/{item['RejectionId']}") for item in items]
    assert [json.loads(item["Object"])["id"] for item in shown] == ["3", "2", "1"]
    newest = items[0]
    assert (newest["ObjectTypeName"], newest["Reason"], newest["Tries"]) == ("Order", NOT_FOUND, 0)
    assert newest["Size"] == len(shown[0]["Object"])
    assert newest["RequestId"]
    assert "Object" not in newest


def test_the_list_may_be_of_one_type_or_one_reason(shop, own, reject):
    shop.create(EmailAddress="two@example.com")
    shop.create(EmailAddress="two@example.com")
    reject("Order", "1")
    reject("Visit", "2", "3")
    reject("Visit", "4", mail="two@example.com")

    assert len(own.get("/rejected-objects", ObjectTypeName="Visit")["Items"]) == 3
    ambiguous = own.get("/rejected-objects", Reason=AMBIGUOUS)["Items"]
    assert [item["ObjectTypeName"] for item in ambiguous] == ["Visit"]
    both = own.get("/rejected-objects", Reason=NOT_FOUND, ObjectTypeName="Visit")
    assert len(both["Items"]) == 2


def test_they_are_counted_by_type_and_reason(shop, own, reject):
    shop.create(EmailAddress="two@example.com")
    shop.create(EmailAddress="two@example.com")
    reject("Visit", "1", "2", "3")
    reject("Order", "1", mail="two@example.com")

    counted = own.get("/rejected-objects/counts")["Items"]

    assert [(item["ObjectTypeName"], item["Reason"], item["Count"]) for item in counted] == [
        ("Visit", NOT_FOUND, 3),
        ("Order", AMBIGUOUS, 1),
    ]
    assert counted[0]["FirstRejectedAt"] <= counted[0]["LastRejectedAt"]
    of_orders = own.get("/rejected-objects/counts", ObjectTypeName="Order")["Items"]
    assert [item["Count"] for item in of_orders] == [1]


def test_a_token_of_another_list_is_refused(own, reject):
    reject("Order", "1", "2")
    token = own.get("/rejected-objects", MaxResults=1)["NextToken"]

    reply = own.reply("GET", "/rejected-objects", {"NextToken": token, "ObjectTypeName": "Order"})

    assert (reply.status, reply.code) == (400, "BadRequestException")


def test_one_is_dropped_once(own, reject, database, domain):
    reject("Order", "1", "2")
    (_, oldest) = own.get("/rejected-objects")["Items"]

    assert own.delete(f"/rejected-objects/{oldest['RejectionId']}") == {"Dropped": 1}

    for method in ("GET", "DELETE"):
        reply = own.reply(method, f"/rejected-objects/{oldest['RejectionId']}")
        assert (reply.status, reply.code) == (404, "ResourceNotFoundException")
    assert len(own.get("/rejected-objects")["Items"]) == 1
    with database.reading() as transaction:
        journal = read_rows(transaction, domain, "journal", "entry_id, subject, kind, detail")
    [detail] = [detail for *_, kind, detail in journal if kind == "rejections.dropped"]
    assert detail == {"count": 1, "ids": [oldest["RejectionId"]], "reason": None}


def test_some_are_dropped_by_id_type_or_reason_and_all_only_if_told_so(own, reject):
    reject("Order", "1", "2", "3")
    reject("Visit", "4", "5")
    ids = [item["RejectionId"] for item in own.get("/rejected-objects")["Items"]]

    refused = own.reply("POST", "/rejected-objects/drop")
    assert (refused.status, refused.code) == (400, "BadRequestException")
    assert own.reply("POST", "/rejected-objects/drop", {"All": True, "Reason": "x"}).status == 400
    assert own.post("/rejected-objects/drop", Reason="another") == {"Dropped": 0, "IsDone": True}
    assert own.post("/rejected-objects/drop", RejectionIds=ids[:1])["Dropped"] == 1
    assert own.post("/rejected-objects/drop", ObjectTypeName="Order")["Dropped"] == 3
    assert own.post("/rejected-objects/drop", All=True) == {"Dropped": 1, "IsDone": True}
    assert own.get("/rejected-objects")["Items"] == []


def test_many_are_dropped_in_several_calls(own, reject, monkeypatch):
    monkeypatch.setattr("openprofiles.features.rejections.operations.rejected.DROPPED_AT_ONCE", 2)
    reject("Order", "1", "2", "3")

    drops = [own.post("/rejected-objects/drop", All=True) for _ in range(2)]

    assert drops == [{"Dropped": 2, "IsDone": False}, {"Dropped": 1, "IsDone": True}]


@pytest.mark.parametrize(
    "path", ["/rejected-objects", "/rejected-objects/counts", f"/rejected-objects/{'a' * 32}"]
)
def test_a_missing_domain_is_not_found(application, path):
    reply = Own(application.wsgi, "nowhere").reply("GET", path)

    assert (reply.status, reply.code) == (404, "ResourceNotFoundException")


def test_what_breaks_the_rules_of_a_member_is_refused(own):
    for path, members in [
        ("/rejected-objects", {"ObjectTypeName": "a b"}),
        ("/rejected-objects", {"Reason": ""}),
        ("/rejected-objects/x", {}),
    ]:
        assert own.reply("GET", path, members).status == 400
    many = {"RejectionIds": ["a" * 32] * 101}
    assert own.reply("POST", "/rejected-objects/retry", many).status == 400
    assert own.reply("POST", "/rejected-objects/retry", {"Reason": "a\0"}).status == 400
