"""Webhooks of Shopify: signed, mapped by the templates, taken once."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from openprofiles.core.clock import system_clock
from tests.features.events.conftest import SECRET, Sender, shopify_headers
from tests.features.profiles.consistency import check_domain

TYPES = {
    "ShopifyCreateCustomers": "Shopify-Customer",
    "ShopifyUpdateCustomers": "Shopify-Customer",
    "ShopifyCreateDraftOrders": "Shopify-DraftOrder",
    "ShopifyUpdateDraftOrders": "Shopify-DraftOrder",
    "ShopifyCreateOrders": "Shopify-Order",
    "ShopifyUpdatedOrders": "Shopify-Order",
}
ANN: dict[str, Any] = {
    "id": 9_007_199_254_740_993,
    "email": "ann@example.com",
    "first_name": "Ann",
    "last_name": "Ånström",
    "updated_at": "2026-10-01T10:00:00-04:00",
    "default_address": {"address1": "1 Main St", "city": "Ottawa", "zip": "K1A 0A1"},
}


@pytest.fixture
def shopify(connect) -> Sender:
    return connect("shopify", TYPES)


def test_a_customer_becomes_a_profile(shopify, world):
    answer = shopify.send(ANN)

    found = world.only("_email", "ann@example.com")
    assert answer["Result"] == "created"
    assert answer["ProfileId"] == found["ProfileId"]
    assert (found["FirstName"], found["LastName"]) == ("Ann", "Ånström")
    assert found["Address"]["City"] == "Ottawa"
    # Larger than a double holds exactly.
    assert found["Attributes"]["ShopifyCustomerId"] == "9007199254740993"
    (item,) = world.items("Shopify-Customer", found["ProfileId"])
    assert item["ProfileObjectUniqueKey"] == answer["ProfileObjectUniqueKey"]


def test_the_envelope_is_that_of_event_bridge(shopify, world):
    answer = shopify.send(ANN, X_Shopify_Event_Id="event 1")

    (document,) = world.objects("Shopify-Customer", answer["ProfileId"])
    event = document["detail"]["event"]
    assert event["detail-type"] == "shopifyWebhook"
    assert event["source"] == "shopify.com/acme.myshopify.com"
    assert event["detail"]["payload"] == ANN
    metadata = event["detail"]["metadata"]
    assert metadata["X-Shopify-Topic"] == "customers/create"
    assert metadata["X-Shopify-Event-Id"] == "event 1"
    assert not any("Hmac" in name for name in metadata)


@pytest.mark.parametrize(
    ("topic", "type_name"),
    [
        ("customers/create", "Shopify-Customer"),
        ("customers/update", "Shopify-Customer"),
        ("draft_orders/create", "Shopify-DraftOrder"),
        ("draft_orders/update", "Shopify-DraftOrder"),
        ("orders/create", "Shopify-Order"),
        ("orders/updated", "Shopify-Order"),
    ],
)
def test_each_topic_goes_to_its_object_type(shopify, world, topic, type_name):
    order = {"id": 1, "email": "ann@example.com", "customer": {"id": 7}, "name": "#1001"}

    answer = shopify.send(order, X_Shopify_Topic=topic)

    assert answer["Result"] == "created"
    assert len(world.items(type_name, answer["ProfileId"])) == 1


def test_customer_and_order_meet(shopify, world, database):
    customer = shopify.send(ANN)
    order = {"id": 5, "customer": {"id": ANN["id"]}, "name": "#1001", "total_price": "12.50"}

    answer = shopify.send(order, X_Shopify_Topic="orders/create")

    assert answer["ProfileId"] == customer["ProfileId"]
    (record,) = world.objects("_order", customer["ProfileId"])
    assert (record["Name"], record["TotalPrice"]) == ("#1001", "12.50")
    assert check_domain(database, world.name)["objects"] == 2


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        "nonsense",
        "é",
        shopify_headers(b"{}")["X-Shopify-Hmac-SHA256"],
        shopify_headers(json.dumps(ANN).encode(), "another secret")["X-Shopify-Hmac-SHA256"],
    ],
)
def test_what_is_not_signed_is_refused_before_it_is_read(shopify, world, signature):
    for body in (ANN, b"not JSON"):
        reply = shopify.reply(body, X_Shopify_Hmac_SHA256=signature)

        assert (reply.status, reply.code) == (403, "AccessDeniedException")
        assert SECRET not in reply.content["Message"]
    assert world.stats()["ObjectCount"] == 0


def test_the_signature_is_over_the_bytes_as_they_came(shopify):
    spaced = json.dumps(ANN, indent=3, ensure_ascii=False).encode()
    signature = shopify_headers(spaced)["X-Shopify-Hmac-SHA256"]

    assert shopify.reply(ANN, X_Shopify_Hmac_SHA256=signature).status == 403
    assert shopify.send(spaced, X_Shopify_Hmac_SHA256=signature)["Result"] == "created"


def test_while_a_secret_is_replaced_both_are_taken(connect):
    shopify = connect("shopify", TYPES, secrets=["the new secret", SECRET])
    body = json.dumps({**ANN, "id": 2}).encode()
    new = shopify_headers(body, "the new secret")["X-Shopify-Hmac-SHA256"]

    assert shopify.send(ANN)["Result"] == "created"
    assert shopify.send(body, X_Shopify_Hmac_SHA256=new)["Result"] == "created"


def test_a_delivery_that_comes_again_changes_nothing(shopify, world):
    first = {**ANN, "first_name": "First"}
    shopify.send(first, X_Shopify_Webhook_Id="1")
    second = {**ANN, "first_name": "Second"}
    shopify.send(second, X_Shopify_Topic="customers/update", X_Shopify_Webhook_Id="2")

    again = shopify.send(first, X_Shopify_Webhook_Id="1")

    assert again == {"Result": "duplicate"}
    assert world.only("_email", "ann@example.com")["FirstName"] == "Second"


def test_a_captured_body_is_a_duplicate_whatever_its_headers_say(shopify):
    shopify.send(ANN, X_Shopify_Webhook_Id="1")

    assert shopify.send(ANN, X_Shopify_Webhook_Id="other") == {"Result": "duplicate"}
    assert shopify.send(ANN, X_Shopify_Webhook_Id=None) == {"Result": "duplicate"}


def test_one_delivery_at_many_doors_at_once_is_taken_once(shopify, world):
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: shopify.send(ANN)["Result"], range(8)))

    assert sorted(results) == ["created", *["duplicate"] * 7]
    assert world.stats()["ObjectCount"] == 1


def test_the_same_text_for_another_topic_is_another_event(shopify):
    assert shopify.send(ANN)["Result"] == "created"
    assert shopify.send(ANN, X_Shopify_Topic="customers/update")["Result"] == "updated"


def test_what_failed_may_come_again(shopify, world, monkeypatch):
    with monkeypatch.context() as patched:

        def die(*_: Any, **__: Any) -> None:
            raise ConnectionAbortedError

        patched.setattr("openprofiles.features.events.operations._ingest", die)
        assert shopify.reply(ANN).status == 500

    assert shopify.send(ANN)["Result"] == "created"
    assert world.stats()["ObjectCount"] == 1


@pytest.mark.parametrize(
    ("hours", "status"), [(0, 200), (23, 200), (25, 403), (-0.1, 200), (-1, 403)]
)
def test_a_delivery_from_too_long_ago_or_the_future_is_refused(shopify, hours, status):
    moment = (system_clock() - timedelta(hours=hours)).isoformat()

    reply = shopify.reply(ANN, X_Shopify_Triggered_At=moment)

    assert reply.status == status
    assert reply.code == (None if status == 200 else "AccessDeniedException")


def test_a_time_that_is_none_is_not_looked_at(shopify):
    assert shopify.send(ANN, X_Shopify_Triggered_At="yesterday")["Result"] == "created"


def test_what_cannot_be_mapped_is_acknowledged_and_kept(shopify, own):
    answer = shopify.send({"id": None, "email": "ann@example.com"})

    (item,) = own.get("/rejected-objects")["Items"]
    assert answer["Result"] == "rejected"
    assert answer["Reason"] == item["Reason"]
    assert "UNIQUE key or PROFILE key" in item["Reason"]
    assert item["ObjectTypeName"] == "Shopify-Customer"


def test_what_is_too_large_is_acknowledged_and_kept(shopify, own):
    answer = shopify.send({**ANN, "note": "x" * 300_000})

    (item,) = own.get("/rejected-objects")["Items"]
    assert (answer["Result"], item["Size"] > 300_000) == ("rejected", True)
    shown = own.get(f"/rejected-objects/{item['RejectionId']}")
    assert json.loads(shown["Object"])["detail"]["event"]["detail"]["payload"]["id"] == ANN["id"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "not JSON"),
        (b"[1]", "not a JSON object"),
        (b"nonsense", "not JSON"),
        (b'{"id": "\xff"}', "not JSON"),
        (b'{"id": "\x00"}', "not JSON"),
        (b'{"id": "\\ud800"}', "not JSON"),
        (b"[" * 5000, "not JSON"),
    ],
)
def test_what_is_signed_and_no_event_is_a_bad_request(shopify, body, said):
    reply = shopify.reply(body)

    assert (reply.status, reply.code) == (400, "BadRequestException")
    assert said in reply.content["Message"]


def test_without_a_topic_it_is_a_bad_request(shopify):
    reply = shopify.reply(ANN, X_Shopify_Topic=None)

    assert (reply.status, reply.code) == (400, "BadRequestException")


def test_nul_inside_a_value_is_acknowledged_and_kept(shopify, own):
    answer = shopify.send(b'{"id": 1, "first_name": "a\\u0000"}')

    assert answer["Result"] == "rejected"
    assert answer["Reason"].endswith("holds a character that cannot be stored")
    assert len(own.get("/rejected-objects")["Items"]) == 1


def test_a_header_that_cannot_be_stored_is_refused(shopify):
    assert shopify.reply(ANN, X_Shopify_Topic="a\0b").status == 400


def test_a_topic_that_nobody_wants_is_not_acknowledged(shopify, world):
    reply = shopify.reply({"id": 1}, X_Shopify_Topic="products/create")

    assert (reply.status, reply.code) == (400, "BadRequestException")
    assert world.stats()["ObjectCount"] == 0


def test_any_other_topic_may_be_named_as_it_is(connect, world):
    world.define(
        "Product",
        {"id": ("", "", "_source.detail.event.detail.payload.id")},
        {"product": (["UNIQUE", "PROFILE"], ["id"])},
    )
    shopify = connect("shopify", {"products/create": "Product"})

    assert shopify.send({"id": 1}, X_Shopify_Topic="products/create")["Result"] == "created"


def test_the_journal_says_which_source_sent_it(shopify, database, domain):
    shopify.send(ANN)

    with database.reading() as transaction:
        rows = transaction.rows(
            "select distinct principal from journal join domains using (domain_id)"
            " where name = %s and kind = 'object.put'",
            [domain],
        )
    assert rows == [("event source shopify",)]
