"""What EventBridge and AppIntegrations deliver."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from openprofiles.app import wire_of
from openprofiles.core.clock import system_clock
from openprofiles.features.invoke import invoker
from tests.features.events.conftest import SECRET

TYPES = {"ShopifyUpdateCustomers": "Shopify-Customer", "SegmentIdentify": "Segment-Identify"}


def shopify_event(**more: Any) -> dict[str, Any]:
    """As Shopify's event source writes it."""
    return {
        "version": "0",
        "id": "7bf73129-1428-4cd3-a780-95db273d1602",
        "detail-type": "shopifyWebhook",
        "source": "aws.partner/shopify.com/1234/crm",
        "time": system_clock().isoformat(),
        "detail": {
            "metadata": {"X-Shopify-Topic": "customers/update"},
            "payload": {"id": 7, "email": "ann@example.com", "first_name": "Ann"},
        },
        **more,
    }


def segment_event(**detail: Any) -> dict[str, Any]:
    """As Segment's event source writes it."""
    return {
        "id": "1",
        "detail-type": "identify",
        "source": "aws.partner/segment.com/acme",
        "detail": {"type": "identify", "userId": "u", "traits": {"email": "u@x.example"}, **detail},
    }


@pytest.fixture
def bridge(connect):
    return connect("eventbridge", TYPES)


@pytest.mark.parametrize("is_wrapped", [False, True])
def test_a_partner_event_is_mapped_by_its_template(bridge, world, is_wrapped):
    event = shopify_event()
    sent = {"version": "0", "id": "outer", "detail": {"event": event}} if is_wrapped else event

    answer = bridge.send(sent)

    found = world.only("_email", "ann@example.com")
    assert (answer["Result"], answer["ProfileId"]) == ("created", found["ProfileId"])
    (document,) = world.objects("Shopify-Customer", found["ProfileId"])
    assert document == (sent if is_wrapped else {"detail": {"event": event}})


def test_segment_comes_so_too(bridge, world):
    assert bridge.send(segment_event())["Result"] == "created"
    assert world.only("_email", "u@x.example")


@pytest.mark.parametrize("key", [None, "", "wrong", SECRET + "x", "é"])
def test_without_the_key_it_is_refused(bridge, key):
    reply = bridge.reply(shopify_event(), X_Api_Key=key)

    assert (reply.status, reply.code) == (403, "AccessDeniedException")


def test_an_event_that_comes_again_changes_nothing(bridge):
    assert bridge.send(shopify_event())["Result"] == "created"
    # Retried by EventBridge, whose envelope then has another time.
    assert bridge.send(shopify_event(resources=[])) == {"Result": "duplicate"}
    assert bridge.send({"detail": {"event": shopify_event()}}) == {"Result": "duplicate"}


def test_without_an_id_the_body_names_it(bridge):
    event = segment_event()
    del event["id"]

    assert [bridge.send(event)["Result"] for _ in range(2)] == ["created", "duplicate"]


def test_an_old_event_is_refused_unless_any_age_is_taken(bridge, application, clock):
    old = shopify_event(time=(system_clock() - timedelta(days=3)).isoformat())
    reply = bridge.reply(old)
    assert (reply.status, reply.code) == (403, "AccessDeniedException")

    settings = replace(application.settings, event_window_hours=0)
    wsgi = wire_of(invoker(application.database, settings, clock), settings)
    assert replace(bridge, application=wsgi).send(old)["Result"] == "created"


def test_any_event_goes_by_its_detail_type(connect, world):
    world.define(
        "Ping",
        {"id": ("", "", "_source.detail.event.detail.id")},
        {"ping": (["UNIQUE", "PROFILE"], ["id"])},
    )
    bridge = connect("eventbridge", {"Ping": "Ping"}, name="pings")
    event = {"id": "1", "detail-type": "Ping", "source": "acme", "detail": {"id": "p", "type": "x"}}

    assert bridge.send(event)["Result"] == "created"


def test_an_integration_of_one_object_type_takes_any_event(connect, world):
    world.define(
        "Ping",
        {"id": ("", "", "_source.detail.event.detail.id")},
        {"ping": (["UNIQUE", "PROFILE"], ["id"])},
    )
    bridge = connect("eventbridge", None, name="pings", ObjectTypeName="Ping")
    event = {"id": "1", "detail-type": "Anything", "source": "acme", "detail": {"id": "p"}}

    assert bridge.send(event)["Result"] == "created"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"detail": 1},
        {"detail": {"event": 1}, "source": "x"},
        {"detail": {"event": {}}},
        {"detail": {"event": {"detail": []}}},
        {"detail": {}, "detail-type": 3},
        {"detail": {"metadata": {"X-Shopify-Topic": 1}}},
    ],
)
def test_what_is_no_event_is_a_bad_request(bridge, body):
    reply = bridge.reply(body)

    assert (reply.status, reply.code) == (400, "BadRequestException")
