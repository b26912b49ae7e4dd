"""Turns: a bounded number of requests is worked on, a bounded number waits, others are told so."""

import threading

import pytest

from openprofiles.core.errors import Throttling
from openprofiles.core.settings import Settings
from openprofiles.wire import AwsHandler, Turns
from tests.wire.calling import Request, send


def test_beyond_those_who_wait_nobody_is_let_in():
    turns = Turns(at_once=1, waiting=1)
    turns.take()
    waiting = threading.Thread(target=turns.take)
    waiting.start()
    while not turns.is_full:
        pass

    with pytest.raises(Throttling, match="more requests than it can answer"):
        turns.take()
    with pytest.raises(Throttling):
        turns.require_room()
    turns.give_back()
    waiting.join()
    turns.require_room()
    turns.give_back()
    turns.take()


def test_nobody_waits_for_ever():
    turns = Turns(at_once=1, waiting=1, patience=0.01)
    turns.take()

    with pytest.raises(Throttling):
        turns.take()


def test_who_waits_longest_is_next():
    turns = Turns(at_once=1, waiting=2)
    turns.take()
    order = []

    def wait(name):
        turns.take()
        order.append(name)
        turns.give_back()

    threads = [threading.Thread(target=wait, args=[name]) for name in "ab"]
    for waiting, thread in enumerate(threads, 1):
        thread.start()
        while turns.waiting < waiting:
            pass
    turns.give_back()
    for thread in threads:
        thread.join()

    assert order == ["a", "b"]


def test_a_turn_that_comes_as_one_gives_up_is_taken():
    turns = Turns(at_once=1, waiting=1, patience=0)
    given = threading.Lock()

    turns._give_up(given)

    turns.take()


def test_without_a_queue_there_is_room_while_a_turn_is_free():
    turns = Turns(at_once=1, waiting=0)

    turns.require_room()
    turns.take()
    with pytest.raises(Throttling):
        turns.require_room()


@pytest.mark.parametrize("domain", ["crm", "broken"])
def test_a_request_gives_its_turn_back_whatever_happens(domain):
    turns = Turns(at_once=1, waiting=0)
    handler = AwsHandler(_invoke, Settings(), turns=turns)

    for _ in range(2):
        assert send(handler, Request("GET", f"/domains/{domain}")).status in (200, 500)
    turns.take()
    reply = send(handler, Request("GET", "/domains/crm"))

    assert (reply.status, reply.code) == (429, "ThrottlingException")


def test_few_large_bodies_are_read_at_once():
    bodies = Turns(at_once=1, waiting=0)
    handler = AwsHandler(_invoke, Settings(), large_bodies=bodies)
    large = b'{"DefaultExpirationDays": 1}' + b" " * 70_000

    assert send(handler, Request("POST", "/domains/crm", large)).status == 200
    bodies.take()
    assert send(handler, Request("POST", "/domains/crm", large)).status == 429
    assert send(handler, Request("POST", "/domains/crm", large[:100])).status == 200


def _invoke(name, parameters, caller):
    if parameters["DomainName"] == "broken":
        raise RuntimeError(name, caller)
    return {}
