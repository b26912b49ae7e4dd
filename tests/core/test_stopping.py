"""Signals that tell a process to stop are noted, whatever it is doing."""

import os
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from openprofiles.core.stopping import NUMBERS, Stop


@pytest.fixture
def stop() -> Iterator[Stop]:
    """One that listens; the handlers before are back afterwards."""
    handlers = {number: signal.getsignal(number) for number in NUMBERS}
    stop = Stop()
    stop.listen()
    yield stop
    for number, handler in handlers.items():
        signal.signal(number, handler)


def send(number: int) -> None:
    os.kill(os.getpid(), number)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_is_noted_with_its_exit_code(stop, number, code):
    before = stop.is_asked, stop.exit_code

    send(number)

    assert before == (False, 0)
    assert (stop.is_asked, stop.exit_code) == (True, code)


def test_the_first_signal_is_the_reason(stop):
    send(signal.SIGTERM)
    send(signal.SIGINT)

    assert stop.exit_code == 143


def test_a_signal_that_comes_in_a_destructor_is_not_lost(stop):
    class Ended:
        def __del__(self) -> None:
            send(signal.SIGTERM)

    Ended()

    assert stop.is_asked


def test_a_signal_ends_the_wait(stop):
    end = threading.Timer(0.2, send, [signal.SIGTERM])
    end.start()
    began = time.monotonic()

    assert stop.wait(30)

    assert time.monotonic() - began < 15
    end.join()


def test_without_a_signal_the_wait_takes_its_time(stop):
    began = time.monotonic()

    assert not stop.wait(0.25)

    assert time.monotonic() - began >= 0.25
