"""The job worker's process: started when it is time, started again, ended even against its will."""

import multiprocessing
import os
import signal
import sys
import time
from functools import partial
from multiprocessing.synchronize import Event

import pytest

from openprofiles.cli import supervising
from openprofiles.cli.supervising import (
    MISCONFIGURED,
    JobProcess,
    end_process,
    let_signals_through,
)
from openprofiles.core.stopping import Stop
from openprofiles.storage.errors import CannotStart
from tests.acceptance.service import wait_until


@pytest.fixture(autouse=True)
def _processes_of_their_own(monkeypatch) -> None:
    """Spawned: a fork would take the test's threads and connections for its own."""
    monkeypatch.setattr(multiprocessing, "get_start_method", lambda: "spawn")
    monkeypatch.setattr(supervising, "RESTART_SECONDS", 0.0)


def end_at_once() -> None:
    sys.exit(3)


def end_for_good() -> None:
    sys.exit(MISCONFIGURED)


def never_end(is_deaf: Event) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    is_deaf.set()
    time.sleep(60)


def test_one_that_never_began_need_not_be_stopped():
    JobProcess(end_at_once).stop()

    assert not multiprocessing.active_children()


def test_one_that_ends_is_started_again(caplog):
    jobs = JobProcess(end_at_once)

    def is_started_again() -> bool:
        jobs.keep_running()
        return "The job worker ended with 3" in caplog.text

    wait_until(is_started_again)
    jobs.stop()


def test_one_that_ends_at_once_is_not_started_again_at_once(monkeypatch):
    monkeypatch.setattr(supervising, "RESTART_SECONDS", 60.0)
    jobs = JobProcess(end_at_once)
    jobs.keep_running()
    wait_until(lambda: not multiprocessing.active_children())

    jobs.keep_running()

    assert not multiprocessing.active_children()


def test_one_that_cannot_run_is_left_alone():
    jobs = JobProcess(end_for_good)

    def is_noticed() -> bool:
        jobs.keep_running()
        return jobs.is_misconfigured

    wait_until(is_noticed)


def test_one_that_does_not_stop_is_killed(monkeypatch, caplog):
    monkeypatch.setattr(supervising, "STOP_SECONDS", 0)
    is_deaf = multiprocessing.get_context("spawn").Event()
    jobs = JobProcess(partial(never_end, is_deaf))
    jobs.keep_running()
    assert is_deaf.wait(60)

    jobs.stop()

    assert "killing it" in caplog.text
    assert not multiprocessing.active_children()


def test_a_web_worker_that_does_not_stop_is_killed(monkeypatch, caplog):
    monkeypatch.setattr(supervising, "STOP_SECONDS", 0)
    context = multiprocessing.get_context("spawn")
    is_deaf = context.Event()
    worker = context.Process(target=never_end, args=(is_deaf,))
    worker.start()
    assert is_deaf.wait(60)

    end_process(worker)

    assert "A web worker does not stop" in caplog.text
    assert not worker.is_alive()


def end_early() -> None:
    os.kill(os.getpid(), signal.SIGTERM)
    let_signals_through()
    time.sleep(60)


def test_a_signal_that_comes_before_a_process_is_ready_for_it_still_ends_it(caplog):
    jobs = JobProcess(end_early)

    def is_ended() -> bool:
        jobs.keep_running()
        return "The job worker was ended by SIGTERM" in caplog.text

    wait_until(is_ended)
    jobs.stop()


def test_what_is_done_aside_is_waited_for(tmp_path):
    supervising.run_aside((tmp_path / "done").touch, Stop(), failure="It failed")

    assert (tmp_path / "done").exists()


def test_what_fails_aside_ends_the_start():
    with pytest.raises(CannotStart, match="It failed"):
        supervising.run_aside(end_at_once, Stop(), failure="It failed")


def wait_for_the_end() -> None:
    let_signals_through()
    signal.pause()


def test_what_is_done_aside_ends_with_the_service():
    stop = Stop()
    stop.note(signal.SIGTERM, None)

    supervising.run_aside(wait_for_the_end, stop, failure="It failed")
