"""Rejected objects reach the dead-letter queue of their domain (core reference §9.4)."""

import json
from dataclasses import replace
from functools import partial
from threading import Event
from typing import Any

import boto3
import pytest

from openprofiles.app import watched
from openprofiles.features import transfers
from openprofiles.features.rejections import jobs, sending
from openprofiles.jobs import Tick
from openprofiles.storage import queues
from openprofiles.storage.database import DatabaseUnavailable
from openprofiles.storage.sessions import holding
from tests.features.profiles.conftest import World
from tests.observing.test_watched import samples

NOT_FOUND = "No profile found for the keys of this object"
NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def linked(client, shop, queue) -> str:
    """The queue's URL, now that of the shop."""
    client.update_domain(DomainName=shop.name, DeadLetterQueueUrl=queue)
    return queue


def test_a_rejected_object_is_sent_as_it_was_received_with_its_reason(
    client, shop, linked, send, received, own
):
    document = '{"id":  "1", "mail": "ann@example.com", "name": "Änn \\u00e4"}'
    client.put_profile_object(DomainName=shop.name, ObjectTypeName="Order", Object=document)
    assert received(linked) == []
    assert own.get("/dead-letter-queue")["Waiting"] == 1

    assert send().sent == 1

    (message,) = received(linked)
    attributes = message["MessageAttributes"]
    assert message["Body"] == document
    assert {name: told["StringValue"] for name, told in attributes.items()} == {
        "Message": NOT_FOUND,
        "DomainName": shop.name,
        "ObjectTypeName": "Order",
    }
    assert {told["DataType"] for told in attributes.values()} == {"String"}
    assert own.get("/dead-letter-queue") == {
        "DeadLetterQueueUrl": linked,
        "Waiting": 0,
        "GivenUp": 0,
        "Failures": 0,
    }
    assert send().sent == 0
    assert len(own.get("/rejected-objects")["Items"]) == 1


def test_many_are_sent_in_the_order_in_which_they_were_rejected(
    linked, send, received, reject, monkeypatch
):
    monkeypatch.setattr("openprofiles.features.rejections.operations.letters.LETTERS_AT_ONCE", 7)
    reject("Order", *map(str, range(23)))

    assert send().sent == 23

    assert [json.loads(message["Body"])["id"] for message in received(linked)] == list(
        map(str, range(23))
    )


def test_what_was_rejected_before_there_was_a_queue_is_not_sent(
    client, shop, queue, reject, send, received
):
    reject("Order", "1")
    client.update_domain(DomainName=shop.name, DeadLetterQueueUrl=queue)
    reject("Order", "2")

    assert send().sent == 1
    assert [json.loads(message["Body"])["id"] for message in received(queue)] == ["2"]


def test_without_a_queue_any_more_letters_go(client, shop, linked, reject, send, own, received):
    reject("Order", "1", "2")
    client.update_domain(DomainName=shop.name, DeadLetterQueueUrl="")

    assert send().sent == 0

    assert own.get("/dead-letter-queue") == {"Waiting": 0, "GivenUp": 0, "Failures": 0}
    assert received(linked) == []
    assert len(own.get("/rejected-objects")["Items"]) == 2


def test_each_domain_has_its_own_queue_in_its_own_region(
    client, shop, linked, endpoint, reject, send, received
):
    reject("Order", "1")
    other = World(client, f"{shop.name[:40]}-other")
    far = boto3.client("sqs", endpoint_url=endpoint, region_name="eu-west-1")
    url = far.create_queue(QueueName=other.name)["QueueUrl"]
    client.create_domain(
        DomainName=other.name,
        DefaultExpirationDays=9,
        DeadLetterQueueUrl=f"https://sqs.eu-west-1.amazonaws.com/123456789012/{other.name}",
    )
    other.define(
        "Order",
        {"id": "", "mail": ""},
        {"order": (["UNIQUE"], ["id"]), "_email": (["PROFILE"], ["mail"])},
        creates=False,
    )
    for number in "23":
        other.put("Order", {"id": number, "mail": "ann@example.com"})

    assert send().sent == 3

    assert [json.loads(message["Body"])["id"] for message in received(linked)] == ["1"]
    messages = far.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert [json.loads(message["Body"])["id"] for message in messages] == ["2", "3"]


def test_a_queue_that_is_down_loses_nothing_and_is_tried_ever_less_often(
    linked, reject, send, own, received, clock
):
    reject("Order", "1", "2")
    waits = []
    for failures in (1, 2, 3, 4, 5, 6, 7, 8):
        done = send(to=NOBODY)
        state = own.get("/dead-letter-queue")
        assert (done.sent, done.failed_queues, state["Failures"]) == (0, 1, failures)
        assert (state["Waiting"], state["Problem"]) == (2, "EndpointConnectionError")
        # Nothing is tried before its time.
        assert send(to=NOBODY).failed_queues == 0
        waits.append(min(300, 5 * 2 ** (failures - 1)))
        clock.turn(seconds=waits[-1] + 1)

    assert waits[-2:] == [300, 300]
    assert send().sent == 2
    assert len(received(linked)) == 2
    assert own.get("/dead-letter-queue")["Failures"] == 0


def test_another_queue_is_tried_at_once(client, shop, linked, reject, send, received):
    reject("Order", "1")
    missing = "https://sqs.us-east-1.amazonaws.com/123456789012/missing"
    client.update_domain(DomainName=shop.name, DeadLetterQueueUrl=missing)
    assert send().failed_queues == 1

    client.update_domain(DomainName=shop.name, DeadLetterQueueUrl=linked)

    assert send().sent == 1
    assert len(received(linked)) == 1


def test_a_missing_queue_is_named_as_the_problem(linked, reject, send, sqs, own):
    sqs.delete_queue(QueueUrl=linked)
    reject("Order", "1")

    assert send().failed_queues == 1

    assert own.get("/dead-letter-queue")["Problem"].endswith("NonExistentQueue")


def test_a_letter_that_the_queue_refuses_holds_nobody_up_and_is_given_up(
    shop, linked, reject, send, sqs, own, received
):
    sqs.set_queue_attributes(QueueUrl=linked, Attributes={"MaximumMessageSize": "1024"})
    reject("Order", "1")
    shop.put("Order", {"id": "large", "mail": "x@example.com", "text": "x" * 2000})
    reject("Order", "2")

    passes = [send() for _ in range(6)]

    assert [done.sent for done in passes] == [2, 0, 0, 0, 0, 0]
    assert [done.refused for done in passes] == [1, 1, 1, 1, 1, 0]
    assert [json.loads(message["Body"])["id"] for message in received(linked)] == ["1", "2"]
    state = own.get("/dead-letter-queue")
    assert (state["Waiting"], state["GivenUp"], state["Failures"]) == (0, 1, 0)

    sqs.set_queue_attributes(QueueUrl=linked, Attributes={"MaximumMessageSize": "262144"})
    assert own.post("/dead-letter-queue/retry") == {"TakenUp": 1}
    assert send().sent == 1
    assert json.loads(received(linked)[0]["Body"])["id"] == "large"


def test_an_object_larger_than_any_queue_takes_is_given_up(
    shop, linked, send, own, received, invoke, caller, tmp_path
):
    file = tmp_path / "orders.jsonl"
    file.write_text(json.dumps({"id": "1", "text": "x" * queues.MOST_BYTES}))
    order = transfers.Order(
        domain=shop.name, object_type="Order", sources=transfers.find_sources([str(file)])
    )
    transfers.import_objects(invoke, caller, order)

    assert [send().refused for _ in range(6)] == [1, 1, 1, 1, 1, 0]

    assert own.get("/dead-letter-queue")["GivenUp"] == 1
    assert len(own.get("/rejected-objects")["Items"]) == 1
    assert received(linked) == []


def test_large_ones_are_sent_in_requests_of_their_own(shop, linked, send, received):
    for number in range(4):
        shop.put("Order", {"id": str(number), "mail": "x@example.com", "text": "x" * 100_000})

    assert send().sent == 4
    assert [json.loads(message["Body"])["id"] for message in received(linked)] == list("0123")


def test_a_sender_that_dies_before_it_noted_it_sends_again(
    linked, reject, send, received, invoke, own
):
    reject("Order", "1", "2")

    def dying(name: str, parameters: Any, caller: Any) -> Any:
        if name == "SettleDeadLetters":
            raise ConnectionAbortedError
        return invoke(name, parameters, caller)

    with pytest.raises(ConnectionAbortedError):
        send(invoke=dying)

    assert own.get("/dead-letter-queue")["Waiting"] == 2
    assert send().sent == 2
    assert len(received(linked)) == 4


@pytest.mark.usefixtures("linked")
def test_a_domain_that_is_deleted_meanwhile_is_no_trouble(client, shop, reject, send, invoke):
    reject("Order", "1")

    def deleting(name: str, parameters: Any, caller: Any) -> Any:
        if name == "SettleDeadLetters":
            client.delete_domain(DomainName=shop.name)
        return invoke(name, parameters, caller)

    assert send(invoke=deleting).sent == 1
    assert send().sent == 0


@pytest.mark.usefixtures("linked")
def test_one_process_sends_at_a_time(reject, send, database):
    reject("Order", "1")

    with holding(database.conninfo, sending._LOCK):
        assert send().sent == 0
    assert send(is_stopping=lambda: True).sent == 0
    assert send().sent == 1


def test_a_fifo_queue_gets_what_it_needs(client, shop, sqs, reject, send, received):
    name = f"{shop.name}.fifo"
    sqs.create_queue(QueueName=name, Attributes={"FifoQueue": "true"})
    url = f"https://sqs.us-east-1.amazonaws.com/123456789012/{name}"
    client.update_domain(DomainName=shop.name, DeadLetterQueueUrl=url)
    reject("Order", "1", "2")

    assert send().sent == 2
    assert [json.loads(message["Body"])["id"] for message in received(url)] == ["1", "2"]


@pytest.mark.usefixtures("linked")
def test_a_failure_of_the_server_with_one_message_is_no_fault_of_the_message(
    reject, send, monkeypatch, own
):
    reject("Order", "1", "2")

    def failing(_self: Any, _url: str, _group: str, messages: Any) -> Any:
        return {messages[0].id: queues.Failure("InternalError", is_refused=False)} | {
            messages[1].id: queues.Failure("InvalidMessageContents", is_refused=True)
        }

    monkeypatch.setattr(queues.Queues, "send", failing)
    done = send()

    assert (done.sent, done.refused, done.failed_queues) == (0, 1, 1)
    state = own.get("/dead-letter-queue")
    assert (state["Waiting"], state["Problem"]) == (2, "InternalError")


def test_the_job_worker_sends_and_the_metrics_tell_what_waits(
    application, linked, reject, received, endpoint, database, clock
):
    reject("Order", "1")
    clock.turn(seconds=30)
    numbers = metrics_of(application)
    assert numbers['openprofiles_dead_letters{state="waiting"}'] == 1
    assert numbers["openprofiles_dead_letters_oldest_seconds"] >= 30

    settings = replace(application.settings, sqs_endpoint_url=endpoint)
    schedule, _ = jobs.schedules(application.invoke, settings, partial(holding, database.conninfo))
    for _ in range(2):
        schedule.function(Tick(clock(), lambda *_: None, Event()))

    assert len(received(linked)) == 1
    numbers = metrics_of(application)
    assert numbers['openprofiles_dead_letters{state="waiting"}'] == 0
    assert numbers["openprofiles_dead_letters_oldest_seconds"] == 0


def metrics_of(application: Any) -> dict[str, float]:
    return samples(watched(application))


def test_metrics_are_told_without_a_database_too(application):
    def fail(*_: Any) -> Any:
        raise DatabaseUnavailable("The database cannot be reached")

    broken = replace(application, invoke=fail)

    assert not any("dead_letters{" in name for name in metrics_of(broken))


def test_a_url_that_is_none_is_a_problem_of_the_queue(client, shop, reject, send, own):
    client.update_domain(DomainName=shop.name, DeadLetterQueueUrl="nonsense")
    reject("Order", "1")

    assert send(to="no address").failed_queues == 1
    assert own.get("/dead-letter-queue")["Problem"] == "ValueError"


def test_what_is_older_than_the_domain_keeps_objects_goes(
    client, shop, linked, reject, own, application, database, clock, monkeypatch
):
    monkeypatch.setattr("openprofiles.features.rejections.operations.rejected.DROPPED_AT_ONCE", 1)
    client.update_domain(DomainName=shop.name, DefaultExpirationDays=10, DeadLetterQueueUrl=linked)
    reject("Order", "1", "2")
    _, schedule = jobs.schedules(
        application.invoke, application.settings, partial(holding, database.conninfo)
    )
    tick = Tick(clock(), lambda *_: None, Event())

    clock.turn(days=9)
    reject("Order", "3")
    schedule.function(tick)
    assert len(own.get("/rejected-objects")["Items"]) == 3
    clock.turn(days=2)
    schedule.function(tick)

    (item,) = own.get("/rejected-objects")["Items"]
    assert json.loads(own.get(f"/rejected-objects/{item['RejectionId']}")["Object"])["id"] == "3"
    assert own.get("/dead-letter-queue")["Waiting"] == 1
