"""Event sources: named, listed without their secrets, removed; and events are forgotten in time."""

import uuid
from dataclasses import replace
from datetime import timedelta
from threading import Event
from typing import Any

import pytest

from openprofiles.app import watched
from openprofiles.core.errors import InternalServer
from openprofiles.features.events import jobs
from openprofiles.jobs import Tick
from tests.features.events.conftest import SECRET
from tests.observing.test_watched import samples

PING: dict[str, Any] = {"id": "1", "detail-type": "Ping", "source": "acme", "detail": {"id": "p"}}


@pytest.fixture
def ping(connect, world):
    """A source of pings."""
    world.define(
        "Ping",
        {"id": ("", "", "_source.detail.event.detail.id")},
        {"ping": (["UNIQUE", "PROFILE"], ["id"])},
    )
    return connect("eventbridge", {"Ping": "Ping"})


def test_sources_are_listed_by_name_without_secrets(own, database):
    for name in ("b", "a"):
        own.post(f"/event-sources/{name}", Kind="shopify", Secrets=[SECRET])
    changed = own.post("/event-sources/b", Kind="segment", Secrets=[SECRET])

    listed = own.get("/event-sources")["Items"]

    assert [(item["EventSourceName"], item["Kind"]) for item in listed] == [
        ("a", "shopify"),
        ("b", "segment"),
    ]
    assert changed["CreatedAt"] < changed["LastUpdatedAt"]
    assert SECRET not in str(listed)
    with database.reading() as transaction:
        rows = transaction.rows("select secret from event_sources")
    assert rows
    assert not any(SECRET.encode() in bytes(secret) for (secret,) in rows)


def test_a_source_that_is_removed_takes_nothing(own, ping):
    own.delete("/event-sources/eventbridge")

    reply = ping.reply(PING)
    assert (reply.status, reply.code) == (404, "ResourceNotFoundException")
    again = own.reply("DELETE", "/event-sources/eventbridge")
    assert (again.status, again.code) == (404, "ResourceNotFoundException")


def test_a_source_without_an_integration_takes_nothing(connect):
    bridge = connect("eventbridge", None)

    reply = bridge.reply(PING)

    assert (reply.status, reply.code) == (404, "ResourceNotFoundException")


@pytest.mark.parametrize(
    "uri",
    [
        "arn:aws:appflow:us-east-1:1:flow/x:event-integration/{name}",
        "arn:aws:app-integrations:us-east-1:1:event-integration/x{name}",
        "arn:aws:app-integrations:us-east-1:1:data-integration/{name}",
    ],
)
def test_an_integration_of_another_kind_or_name_takes_nothing(connect, client, domain, uri):
    name = uuid.uuid4().hex
    bridge = connect("eventbridge", None, name=name)
    client.put_integration(
        DomainName=domain, Uri=uri.format(name=name), ObjectTypeName="Shopify-Customer"
    )

    reply = bridge.reply(PING)

    assert (reply.status, reply.code) == (404, "ResourceNotFoundException")


def test_an_integration_whose_type_is_missing_takes_nothing(client, domain, ping):
    client.delete_profile_object_type(DomainName=domain, ObjectTypeName="Ping")

    reply = ping.reply(PING)

    assert (reply.status, reply.code) == (404, "ResourceNotFoundException")


@pytest.mark.parametrize(
    "members",
    [
        {"Kind": "other", "Secrets": [SECRET]},
        {"Kind": "shopify", "Secrets": []},
        {"Kind": "shopify", "Secrets": ["short"]},
        {"Kind": "shopify", "Secrets": [SECRET] * 5},
        {"Kind": "shopify"},
    ],
)
def test_what_breaks_a_rule_is_refused_without_the_secret(own, members):
    reply = own.reply("POST", "/event-sources/a", members)

    assert (reply.status, reply.code) == (400, "BadRequestException")
    assert SECRET not in reply.content["Message"]


def test_names_follow_a_rule(own, ping):
    assert own.reply("POST", "/event-sources/a%20b", {}).status == 400
    assert replace(ping, source="a%00").reply(PING).status == 400
    assert replace(ping, domain="nowhere").reply(PING).status == 404


def test_a_domain_has_so_many_and_no_more(own, monkeypatch):
    monkeypatch.setattr("openprofiles.features.events.operations.SOURCES_PER_DOMAIN", 1)
    own.post("/event-sources/a", Kind="shopify", Secrets=[SECRET])

    assert (
        own.reply("POST", "/event-sources/b", {"Kind": "shopify", "Secrets": [SECRET]}).status
        == 400
    )
    own.post("/event-sources/a", Kind="shopify", Secrets=[SECRET])


@pytest.mark.usefixtures("ping")
def test_a_secret_of_another_source_or_key_opens_nothing(own, database, domain, invoke, caller):
    own.post("/event-sources/other", Kind="eventbridge", Secrets=["another secret"])
    for change in (
        "secret = (select secret from event_sources as other where other.name = 'other'"
        " and other.domain_id = event_sources.domain_id)",
        "secret = 'nonsense'",
    ):
        database.run(
            lambda transaction, change=change: transaction.send(
                f"update event_sources set {change} where name = 'eventbridge' and domain_id ="
                " (select domain_id from domains where name = %s)",
                [domain],
            )
        )
        request = {
            "DomainName": domain,
            "EventSourceName": "eventbridge",
            "Body": b"{}",
            "Headers": {"X-Api-Key": "another secret"},
        }
        with pytest.raises(InternalServer, match="secrets of the event source cannot be read"):
            invoke("ReceiveEvent", request, caller)


def test_events_are_forgotten_when_they_cannot_come_again(
    ping, invoke, settings, clock, database, domain, monkeypatch
):
    monkeypatch.setattr("openprofiles.features.events.operations.FORGOTTEN_AT_ONCE", 1)

    def count() -> int:
        with database.reading() as transaction:
            ((number,),) = transaction.rows(
                "select count(*) from event_deliveries join domains using (domain_id)"
                " where name = %s",
                [domain],
            )
        return int(number)

    (schedule,) = jobs.schedules(invoke, settings)
    ping.send(PING)
    assert count() == 2

    clock.turn(days=6)
    schedule.function(Tick(clock(), lambda *_: None, Event()))
    assert count() == 2
    clock.turn(days=2)
    schedule.function(Tick(clock() + timedelta(), lambda *_: None, Event()))
    assert count() == 0


def test_events_count_among_the_objects_of_the_metrics(ping, application):
    watching = replace(ping, application=watched(application))
    before = samples(watching.application)

    watching.send(PING)
    watching.send(PING)
    watching.send({**PING, "id": "2", "detail": {"id": ""}})
    watching.reply(PING, X_Api_Key="wrong")

    after = samples(watching.application)
    name = "openprofiles_ingested_objects_total"
    counted = {
        outcome: after[f'{name}{{outcome="{outcome}"}}']
        - before.get(f'{name}{{outcome="{outcome}"}}', 0)
        for outcome in ("accepted", "rejected")
    }
    assert counted == {"accepted": 1, "rejected": 1}
