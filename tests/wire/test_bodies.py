"""Bodies that are slow to come: one address has not all threads wait for its own."""

import threading
from io import BytesIO
from typing import Any

import pytest

from openprofiles.app import bodies_of_an_address
from openprofiles.core.errors import Throttling
from openprofiles.core.settings import Settings
from openprofiles.wire import Sources
from openprofiles.wire.bodies import FairBodies


class Slow:
    """A body that comes when somebody lets it."""

    def __init__(self) -> None:
        self.begun, self.may_come = threading.Event(), threading.Event()

    def read(self) -> bytes:
        self.begun.set()
        self.may_come.wait()
        return b"{}"


def ask(application: FairBodies, body: Any, address: str) -> bytes:
    environ = {"wsgi.input": body, "CONTENT_LENGTH": "2", "REMOTE_ADDR": address}
    return b"".join(application(environ, lambda *_: lambda _: None))


def reading(environ, _):
    return [environ["wsgi.input"].read()]


def test_an_address_waits_for_so_many_bodies_and_others_are_served():
    application, slow = FairBodies(reading, Sources(Settings()), most=1), Slow()
    waiting = threading.Thread(target=ask, args=(application, slow, "192.0.2.1"))
    waiting.start()
    slow.begun.wait()

    with pytest.raises(Throttling, match="wait for their bodies"):
        ask(application, BytesIO(b"{}"), "192.0.2.1")
    assert ask(application, BytesIO(b"{}"), "192.0.2.2") == b"{}"

    slow.may_come.set()
    waiting.join()
    assert ask(application, BytesIO(b"{}"), "192.0.2.1") == b"{}"


def test_a_body_that_has_come_makes_room_for_one_more_while_others_are_waited_for():
    application = FairBodies(reading, Sources(Settings()), most=2)
    first, second = Slow(), Slow()
    threads = [
        threading.Thread(target=ask, args=(application, body, "192.0.2.1"))
        for body in (first, second)
    ]
    for thread, body in zip(threads, (first, second), strict=True):
        thread.start()
        body.begun.wait()

    first.may_come.set()
    threads[0].join()
    assert ask(application, BytesIO(b"{}"), "192.0.2.1") == b"{}"

    second.may_come.set()
    threads[1].join()


def test_a_body_is_read_in_all_ways_that_wsgi_has():
    def read(environ, _):
        body = environ["wsgi.input"]
        return [body.read(2), body.readline(), body.readline(1), *body.readlines(), *body]

    application = FairBodies(read, Sources(Settings()), most=1)

    assert ask(application, BytesIO(b"ab\ncd\nef\n"), "::1") == b"ab\ncd\nef\n"
    assert [*ask(FairBodies(lambda e, _: e["wsgi.input"], Sources(Settings()), most=1),
                 BytesIO(b"a\nb"), "::1")] == [*b"a\nb"]  # fmt: skip


def test_what_has_no_body_waits_for_none():
    body = BytesIO()

    def answer(environ, _):
        assert environ["wsgi.input"] is body
        return [b"there"]

    application = FairBodies(answer, Sources(Settings()), most=0)

    assert b"".join(application({"wsgi.input": body}, lambda *_: lambda _: None)) == b"there"


@pytest.mark.parametrize(("threads", "waiting", "most"), [(8, 200, 156), (1, 0, 1)])
def test_some_threads_are_left_for_others(threads, waiting, most):
    assert bodies_of_an_address(Settings(threads=threads, waiting_requests=waiting)) == most
