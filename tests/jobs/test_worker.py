"""One worker in this process."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from openprofiles.jobs import BadSchedule, JobFailed, Schedule, Tick, looking
from openprofiles.jobs import worker as worker_module
from openprofiles.jobs.worker import SCHEMA, Worker, forget
from openprofiles.storage.sessions import SessionLost

PATIENCE_SECONDS = 30
EVERY_SECOND = "* * * * * *"
NEVER = "0 0 1 1 *"


@contextmanager
def working(conninfo: str, *schedules: Schedule) -> Iterator[Worker]:
    """A worker that has started; stopped at the end."""
    worker = Worker(conninfo, schedules)
    try:
        worker.start()
        yield worker
    finally:
        worker.stop()


class Once:
    """A job that notes its first tick."""

    def __init__(self, act: Callable[[Tick], None] = lambda _: None) -> None:
        self.act = act
        self.ticks: list[Tick] = []
        self.is_done = threading.Event()

    def __call__(self, tick: Tick) -> None:
        try:
            self.ticks.append(tick)
            self.act(tick)
        finally:
            self.is_done.set()

    def wait(self) -> Tick:
        assert self.is_done.wait(PATIENCE_SECONDS)
        return self.ticks[0]


def test_a_tick_knows_its_moment_and_runs_steps(conninfo):
    answers = []
    job = Once(lambda tick: answers.append(tick.step("add", lambda a, b: a + b, 1, 2)))

    with working(conninfo, Schedule("sum", EVERY_SECOND, job)):
        tick = job.wait()

    assert answers[0] == 3
    assert tick.at.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - tick.at) < timedelta(minutes=1)


def test_a_failed_tick_is_logged_without_its_text_for_dbos_and_the_next_one_runs(conninfo, caplog):
    second = threading.Event()

    def fail(tick: Tick) -> None:
        if len(job.ticks) > 1:
            second.set()
        tick.step("divide", lambda: int("secret value"))

    job = Once(fail)
    with (
        caplog.at_level(logging.DEBUG, "openprofiles.jobs"),
        working(conninfo, Schedule("fail", EVERY_SECOND, job)),
    ):
        assert second.wait(PATIENCE_SECONDS)

    failures = [record for record in caplog.records if record.message == "A job failed"]
    assert failures[0].exc_info[0] is ValueError
    foreign = [record for record in caplog.records if not record.name.startswith("openprofiles")]
    assert not any("secret" in record.getMessage() for record in foreign)
    with psycopg.connect(conninfo) as connection:
        kept = connection.execute(f"select error from {SCHEMA}.workflow_status").fetchall()
    assert not any("secret" in str(error) for error in kept)


def test_a_tick_with_nothing_to_do_leaves_no_line_in_the_log(conninfo, caplog):
    job = Once()
    with (
        caplog.at_level(logging.INFO),
        working(conninfo, Schedule("idle", EVERY_SECOND, job)),
    ):
        job.wait()

    assert not [record for record in caplog.records if record.name.startswith("openprofiles")]


def test_a_job_that_fails_outside_a_step_is_logged_once(conninfo, caplog):
    def fail(_: Tick) -> None:
        raise ValueError("secret value")

    job = Once(fail)
    with (
        caplog.at_level(logging.DEBUG, "openprofiles.jobs"),
        working(conninfo, Schedule("fail", EVERY_SECOND, job)),
    ):
        job.wait()

    assert [record.message for record in caplog.records].count("A job failed") >= 1
    assert not any(
        record.exc_info and record.exc_info[0] is JobFailed
        for record in caplog.records
        if record.name.startswith("openprofiles")
    )


def test_work_is_looked_for_again_and_again_from_the_start_by_one_tick(conninfo):
    thrice = threading.Event()
    moments = []

    def look(tick: Tick) -> None:
        moments.append(tick.at)
        if len(moments) == 3:
            thrice.set()

    with working(conninfo, looking("look", look)):
        assert thrice.wait(PATIENCE_SECONDS)

    assert len(set(moments[:3])) == 1


def test_a_tick_looks_no_longer_than_until_the_next_one_is_due(conninfo, monkeypatch):
    monkeypatch.setattr(worker_module, "LOOK_FOR", timedelta(0))
    job = Once()

    with working(conninfo, looking("look", job)):
        job.wait()

    assert len({tick.at for tick in job.ticks}) == len(job.ticks)


def _wait_for_stop(tick: Tick) -> None:
    tick.stopping.wait(PATIENCE_SECONDS)


def test_a_long_step_hears_that_the_worker_stops(conninfo):
    job = Once(act=_wait_for_stop)
    started = threading.Event()

    def work(tick: Tick) -> None:
        started.set()
        job(tick)

    with working(conninfo, Schedule("long", EVERY_SECOND, work)):
        assert started.wait(PATIENCE_SECONDS)

    assert job.ticks[0].stopping.is_set()
    assert job.is_done.is_set()


def test_a_schedule_that_is_no_cron_expression_is_refused(conninfo):
    with (
        pytest.raises(BadSchedule, match="every day"),
        working(conninfo, Schedule("bad", "every day", Once())),
    ):
        pass


def test_a_schedule_that_is_no_longer_given_is_removed(conninfo):
    with working(conninfo, Schedule("old", NEVER, Once()), Schedule("kept", NEVER, Once())):
        pass
    with working(conninfo, Schedule("kept", NEVER, Once()), Schedule("new", NEVER, Once())):
        pass

    with psycopg.connect(conninfo) as connection:
        names = connection.execute(
            f"select schedule_name from {SCHEMA}.workflow_schedules order by 1"
        ).fetchall()
    assert names == [("housekeeping",), ("kept",), ("new",)]


def _rows_of(connection: psycopg.Connection, tick: Tick) -> list[tuple[str]]:
    """What the tables of DBOS have of a tick of the schedule `often`."""
    tables = ("workflow_status", "operation_outputs", "workflow_input", "workflow_output")
    query = " union all ".join(
        f"select '{table}' from {SCHEMA}.{table} where workflow_uuid = %(tick)s" for table in tables
    )
    return connection.execute(query, {"tick": f"sched-often-{tick.at.isoformat()}"}).fetchall()


def test_finished_ticks_are_forgotten_after_a_time(conninfo):
    job = Once()
    with working(conninfo, Schedule("once", EVERY_SECOND, job)) as worker:
        job.wait()
        worker.turn()
        with psycopg.connect(conninfo, autocommit=True) as connection:
            count = f"select count(*) from {SCHEMA}.workflow_status where status = 'SUCCESS'"
            while connection.execute(count).fetchone() == (0,):
                pass
            forget(datetime.now(UTC) - timedelta(days=7))
            assert connection.execute(count).fetchone() != (0,)
            forget(datetime.now(UTC) + timedelta(seconds=1))

            assert connection.execute(count).fetchone() == (0,)


def test_a_worker_forgets_finished_ticks_by_itself_with_all_that_belongs_to_them(
    conninfo, monkeypatch
):
    monkeypatch.setattr(worker_module, "HOUSEKEEPING", EVERY_SECOND)
    monkeypatch.setattr(worker_module, "KEEP", timedelta(0))
    met: list[list[tuple[str]]] = []
    with psycopg.connect(conninfo, autocommit=True) as connection:

        def note(tick: Tick) -> None:
            tick.step("note", lambda: "noted")
            if not met:
                met.append(_rows_of(connection, tick))

        job = Once(note)
        with working(conninfo, Schedule("often", EVERY_SECOND, job)):
            first, deadline = job.wait(), time.monotonic() + PATIENCE_SECONDS
            while _rows_of(connection, first) and time.monotonic() < deadline:
                pass

            assert ("operation_outputs",) in met[0]
            assert _rows_of(connection, first) == []


def test_no_database_is_said_as_such():
    with (
        pytest.raises(SessionLost),
        working("host=/nowhere port=1 dbname=none", Schedule("any", NEVER, Once())),
    ):
        pass


def test_a_worker_that_has_not_started_takes_no_turn(conninfo):
    with pytest.raises(AssertionError):
        Worker(conninfo, []).turn()
