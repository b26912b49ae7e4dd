"""Workers as processes: several share their ticks, one that is killed is taken over."""

import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

pytestmark = pytest.mark.usefixtures("untraced_processes")

PROCESS = Path(__file__).with_name("process.py")
PATIENCE_SECONDS = 30


@contextmanager
def worker(name: str, conninfo: str, behaviour: str = "works") -> Iterator[subprocess.Popen[str]]:
    """A worker process that has started; killed at the end if it still runs."""
    with subprocess.Popen(
        [sys.executable, str(PROCESS), name, conninfo, behaviour], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            # A hanging one would never end by itself; the others say what they have run.
            process.send_signal(signal.SIGKILL if behaviour == "hangs" else signal.SIGTERM)


def wait_for(conninfo: str, condition: str) -> None:
    """Wait until the traces of the jobs fulfil an SQL condition."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    with psycopg.connect(conninfo, autocommit=True) as connection:
        while time.monotonic() < deadline:
            query = f"select {condition} from said"
            if connection.execute(query).fetchone() == (True,):
                return
            time.sleep(0.1)
    pytest.fail(f"not in time: {condition}")


def said(conninfo: str) -> list[tuple[str, str, object]]:
    with psycopg.connect(conninfo) as connection:
        return connection.execute("select worker, word, at from said").fetchall()


def test_workers_of_one_database_run_each_tick_once(conninfo):
    with worker("one", conninfo), worker("two", conninfo):
        wait_for(conninfo, "count(*) >= 10")

    ticks = Counter((word, at) for _, word, at in said(conninfo))
    assert set(ticks.values()) == {1}


def test_a_killed_tick_goes_on_at_its_step_on_another_worker(conninfo):
    with worker("one", conninfo, "hangs") as killed:
        wait_for(conninfo, "count(*) = 1")
        with worker("two", conninfo):
            killed.send_signal(signal.SIGKILL)
            wait_for(conninfo, "count(*) filter (where worker = 'two') >= 3")

    [(_, _, hung)] = [trace for trace in said(conninfo) if trace[0] == "one"]
    assert [trace for trace in said(conninfo) if trace[2] == hung] == [
        ("one", "first", hung),
        ("two", "second after first", hung),
    ]


def test_a_killed_tick_goes_on_when_its_worker_is_back(conninfo):
    with worker("one", conninfo, "hangs") as killed:
        wait_for(conninfo, "count(*) = 1")
        killed.send_signal(signal.SIGKILL)
        killed.wait()
    with worker("again", conninfo):
        wait_for(conninfo, "count(*) filter (where word like 'second%') >= 1")

    assert ("again", "second after first") in {trace[:2] for trace in said(conninfo)}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_that_is_told_to_stop_ends_in_order(conninfo, number):
    with worker("one", conninfo) as process:
        process.send_signal(number)

        assert process.wait(timeout=PATIENCE_SECONDS) == 0


def test_a_worker_that_lost_its_seat_ends_so_that_it_is_started_again(conninfo):
    with worker("one", conninfo) as process, psycopg.connect(conninfo, autocommit=True) as other:
        other.execute(
            "select pg_terminate_backend(pid) from pg_locks"
            " where locktype = 'advisory' and database = "
            "(select oid from pg_database where datname = current_database())"
        )

        assert process.wait(timeout=PATIENCE_SECONDS) == 1
