"""Rejected objects are ingested again: once each, and those that are rejected again stay."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from openprofiles.core import paging
from openprofiles.features import transfers
from tests.features.profiles.consistency import check_domain

NOT_FOUND = "No profile found for the keys of this object"


def items_of(own: Any, **wanted: Any) -> list[dict[str, Any]]:
    return own.get("/rejected-objects", **wanted)["Items"]


def retry_all(own: Any, **wanted: Any) -> list[dict[str, Any]]:
    """The pages of a retry to its end."""
    pages = [own.post("/rejected-objects/retry", **wanted)]
    while "NextToken" in pages[-1]:
        token = pages[-1]["NextToken"]
        pages.append(own.post("/rejected-objects/retry", **wanted, NextToken=token))
    return pages


def test_an_object_whose_profile_is_there_now_is_ingested(shop, own, reject, database):
    reject("Order", "1")
    ann = shop.create(EmailAddress="ann@example.com")
    (item,) = items_of(own)

    answer = own.post(f"/rejected-objects/{item['RejectionId']}/retry")

    (stored,) = shop.items("Order", ann)
    assert answer == {
        "RejectionId": item["RejectionId"],
        "Result": "attached",
        "ProfileId": ann,
        "ProfileObjectUniqueKey": stored["ProfileObjectUniqueKey"],
    }
    assert items_of(own) == []
    again = own.reply("POST", f"/rejected-objects/{item['RejectionId']}/retry")
    assert (again.status, again.code) == (404, "ResourceNotFoundException")
    assert check_domain(database, shop.name)["objects"] == 1


def test_one_that_is_rejected_again_stays_with_the_new_reason_and_its_tries(shop, own, reject):
    reject("Order", "1")
    shop.create(EmailAddress="ann@example.com")
    shop.create(EmailAddress="ann@example.com")
    (item,) = items_of(own)

    for tries in (1, 2):
        answer = own.post(f"/rejected-objects/{item['RejectionId']}/retry")

        (stays,) = items_of(own)
        assert answer["Result"] == "rejected"
        assert answer["Reason"] == stays["Reason"]
        assert stays["Reason"].startswith("All keys of this object are binding")
        assert (stays["RejectionId"], stays["Tries"]) == (item["RejectionId"], tries)
        assert stays["TriedAt"] >= stays["RejectedAt"] == item["RejectedAt"]


def test_a_changed_document_takes_the_place_of_the_rejected_one(shop, own, reject):
    reject("Order", "1", mail="typo@example.com")
    ann = shop.create(EmailAddress="ann@example.com")
    (item,) = items_of(own)
    path = f"/rejected-objects/{item['RejectionId']}/retry"

    still_wrong = own.post(path, Object='{"id": "1"}')
    (stays,) = items_of(own)
    document = json.dumps({"id": "1", "mail": "ann@example.com"})
    ingested = own.post(path, Object=document)

    assert still_wrong["Result"] == "rejected"
    assert still_wrong["Reason"] != stays["Reason"] == NOT_FOUND
    assert stays["Tries"] == 1
    assert ingested["ProfileId"] == ann
    assert shop.objects("Order", ann) == [json.loads(document)]
    assert items_of(own) == []


@pytest.mark.parametrize("document", ["[]", "{", '{"a": 1', "1" * 256_001])
def test_a_changed_document_that_is_none_is_refused(own, reject, document):
    reject("Order", "1")
    (item,) = items_of(own)

    reply = own.reply(
        "POST", f"/rejected-objects/{item['RejectionId']}/retry", {"Object": document}
    )

    assert (reply.status, reply.code) == (400, "BadRequestException")
    assert items_of(own) == [item]


def test_all_of_a_kind_are_tried_page_by_page(shop, own, reject, database):
    reject("Order", *map(str, range(5)))
    reject("Order", "lost", mail="nobody@example.com")
    reject("Visit", "1", "2")
    ann = shop.create(EmailAddress="ann@example.com")

    pages = retry_all(own, ObjectTypeName="Order", MaxResults=2)

    assert [(page["Ingested"], page["RejectedAgain"]) for page in pages] == [
        (2, 0),
        (2, 0),
        (1, 1),
        (0, 0),
    ]
    assert len(shop.items("Order", ann)) == 5
    assert [(item["ObjectTypeName"], item["Tries"]) for item in items_of(own)] == [
        ("Visit", 0),
        ("Visit", 0),
        ("Order", 1),
    ]
    assert check_domain(database, shop.name)["objects"] == 5


def test_all_of_a_domain_are_tried_type_by_type(shop, own, reject):
    reject("Visit", "1", "2")
    reject("Order", "1")
    ann = shop.create(EmailAddress="ann@example.com")

    pages = retry_all(own, All=True)

    assert [page["Ingested"] for page in pages] == [1, 2]
    assert [len(shop.items(name, ann)) for name in ("Order", "Visit")] == [1, 2]
    assert items_of(own) == []


def test_versions_of_one_object_are_tried_in_the_order_they_came(shop, own):
    for name in ("first", "second", "third"):
        shop.put("Order", {"id": "1", "mail": "ann@example.com", "name": name})
    ann = shop.create(EmailAddress="ann@example.com")

    (page,) = retry_all(own, Reason=NOT_FOUND)

    assert [item["Result"] for item in page["Items"]] == ["attached", "updated", "updated"]
    assert [found["name"] for found in shop.objects("Order", ann)] == ["third"]


def test_some_are_tried_by_their_ids(shop, own, reject):
    reject("Order", "1", "2", "3")
    shop.create(EmailAddress="ann@example.com")
    newest, _, oldest = (item["RejectionId"] for item in items_of(own))

    (page,) = retry_all(own, RejectionIds=[newest, oldest, "f" * 32])

    assert {item["RejectionId"] for item in page["Items"]} == {newest, oldest}
    assert len(items_of(own)) == 1


def test_without_its_type_an_object_stays(shop, own, reject, client):
    reject("Order", "1")
    client.delete_profile_object_type(DomainName=shop.name, ObjectTypeName="Order")

    (page,) = retry_all(own, All=True)

    (stays,) = items_of(own)
    assert (page["Ingested"], page["RejectedAgain"]) == (0, 1)
    assert stays["Reason"] == f"Profile object type Order not found in domain {shop.name}"


def test_records_of_an_import_are_tried_too(shop, own, invoke, caller, tmp_path):
    file = tmp_path / "orders.jsonl"
    lines = [json.dumps({"id": "1"}), "no JSON", json.dumps({"id": "2", "mail": "ann@example.com"})]
    file.write_text("\n".join(lines))
    order = transfers.Order(
        domain=shop.name, object_type="Order", sources=transfers.find_sources([str(file)])
    )
    transfers.import_objects(invoke, caller, order)
    shop.create(EmailAddress="ann@example.com")

    (page,) = retry_all(own, All=True)

    assert (page["Ingested"], page["RejectedAgain"]) == (1, 2)
    assert {item["Reason"] for item in items_of(own)} == {
        "Object is not valid JSON",
        "The UNIQUE key or PROFILE key does not exist in the profile object",
    }


def test_two_who_try_the_same_objects_ingest_each_once(shop, own, reject, database):
    reject("Order", *map(str, range(30)))
    ann = shop.create(EmailAddress="ann@example.com")

    with ThreadPoolExecutor(4) as pool:
        runs = list(pool.map(lambda _: retry_all(own, All=True, MaxResults=7), range(4)))

    assert sum(page["Ingested"] for pages in runs for page in pages) == 30
    assert len(shop.items("Order", ann, MaxResults=100)) == 30
    assert items_of(own) == []
    assert check_domain(database, shop.name)["objects"] == 30


def test_what_fails_while_it_is_ingested_is_neither_lost_nor_ingested(
    shop, own, reject, invoke, caller, monkeypatch
):
    reject("Order", "1", "2")
    ann = shop.create(EmailAddress="ann@example.com")
    request = {"DomainName": shop.name, "All": True}

    with monkeypatch.context() as patched:

        def die(*_: Any, **__: Any) -> None:
            raise ConnectionAbortedError

        target = "openprofiles.features.rejections.operations.retrying.rejected.note_tries"
        patched.setattr(target, die)
        with pytest.raises(ConnectionAbortedError):
            invoke("RetryRejectedObjects", request, caller)

    assert len(items_of(own)) == 2
    assert shop.items("Order", ann) == []
    assert invoke("RetryRejectedObjects", request, caller)["Ingested"] == 2


@pytest.mark.parametrize("cursor", ["", "x", "f" * 32])
def test_a_broken_token_is_refused(own, reject, database, domain, clock, cursor):
    reject("Order", "1")
    ((domain_id,),) = database.run(
        lambda transaction: transaction.rows(
            "select domain_id from domains where name = %s", [domain]
        )
    )
    scope = ("RetryRejectedObjects", domain_id, None, None, None)
    token = paging.encode(scope, cursor, clock())

    reply = own.reply("POST", "/rejected-objects/retry", {"All": True, "NextToken": token})

    assert (reply.status, reply.code) == (400, "BadRequestException")
    (item,) = items_of(own)
    assert item["Tries"] == 0
