"""Webhooks of Segment: signed, identify mapped by its template, taken once."""

from datetime import timedelta
from typing import Any

import pytest

from openprofiles.core.clock import system_clock
from tests.features.events.conftest import Sender, segment_headers

IDENTIFY: dict[str, Any] = {
    "type": "identify",
    "messageId": "ajs-1",
    "userId": "u1",
    "timestamp": "2026-10-01T10:00:00.000Z",
    "traits": {
        "email": "ann@example.com",
        "firstName": "Ann",
        "company": {"name": "Acme"},
        "address": {"city": "Ottawa"},
    },
}


@pytest.fixture
def segment(connect) -> Sender:
    return connect("segment", {"SegmentIdentify": "Segment-Identify"})


def test_identify_becomes_a_profile(segment, world):
    answer = segment.send(IDENTIFY)

    found = world.only("_email", "ann@example.com")
    assert (answer["Result"], answer["ProfileId"]) == ("created", found["ProfileId"])
    assert (found["FirstName"], found["BusinessName"]) == ("Ann", "Acme")
    assert found["Attributes"]["SegmentUserId"] == "u1"
    (document,) = world.objects("Segment-Identify", found["ProfileId"])
    assert document["detail"]["event"]["detail"] == IDENTIFY


def test_an_event_is_told_in_the_audit_once(segment, world, invoke, caller):
    reply = segment.reply(IDENTIFY)

    told = invoke("ListAuditEntries", {"DomainName": world.name}, caller)["Items"]
    ours = [entry for entry in told if entry["RequestId"] == reply.headers["x-amzn-requestid"]]
    assert [entry["Kind"] for entry in ours] == ["object.put"]


@pytest.mark.parametrize("signature", [None, "", "0" * 40, "nonsense", "é"])
def test_what_is_not_signed_is_refused(segment, signature):
    reply = segment.reply(IDENTIFY, X_Signature=signature)

    assert (reply.status, reply.code) == (403, "AccessDeniedException")


def test_the_signature_may_be_in_capitals(segment):
    body = b'{"type": "identify", "userId": "u2"}'
    signature = segment_headers(body)["X-Signature"].upper()

    assert segment.send(body, X_Signature=signature)["Result"] == "created"


def test_a_message_that_comes_again_changes_nothing(segment, world):
    segment.send(IDENTIFY)
    later = {**IDENTIFY, "messageId": "ajs-2", "traits": {"firstName": "Anne"}}
    segment.send(later)

    assert segment.send({**IDENTIFY, "sentAt": "now"}) == {"Result": "duplicate"}
    assert segment.send(IDENTIFY) == {"Result": "duplicate"}
    assert world.only("_email", "ann@example.com")["FirstName"] == "Anne"


def test_without_a_message_id_the_body_names_it(segment):
    message = {name: value for name, value in IDENTIFY.items() if name != "messageId"}

    assert [segment.send(message)["Result"] for _ in range(2)] == ["created", "duplicate"]


@pytest.mark.parametrize(("hours", "status"), [(1, 200), (25, 403)])
def test_what_segment_received_too_long_ago_is_refused(segment, hours, status):
    received = (system_clock() - timedelta(hours=hours)).isoformat().replace("+00:00", "Z")

    assert segment.reply({**IDENTIFY, "receivedAt": received}).status == status


def test_other_calls_are_not_acknowledged_unless_they_are_wanted(segment, connect, world):
    track = {"type": "track", "messageId": "t", "userId": "u1", "event": "Bought"}
    reply = segment.reply(track)
    assert (reply.status, reply.code) == (400, "BadRequestException")

    world.define(
        "Tracked",
        {"user": ("", "", "_source.detail.event.detail.userId")},
        {"tracked": (["UNIQUE", "PROFILE"], ["user"])},
    )
    both = connect("segment", {"track": "Tracked"}, name="tracks")
    assert both.send(track)["Result"] == "created"


@pytest.mark.parametrize("body", [b"{}", b'{"type": 1}', b"[]", b"x"])
def test_what_is_signed_and_no_message_is_a_bad_request(segment, body):
    reply = segment.reply(body)

    assert (reply.status, reply.code) == (400, "BadRequestException")
