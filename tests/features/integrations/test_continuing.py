"""A run that is killed anywhere goes on: no record is lost, none counts twice."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from openprofiles.core.errors import BadRequest
from openprofiles.features import integrations, transfers
from openprofiles.features.integrations.running import reading
from tests.features.integrations.conftest import every, flow, folder_flow, lead
from tests.features.profiles.consistency import check_domain

pytestmark = pytest.mark.usefixtures("untraced_processes")

STEPS = (
    "BeginIntegrationRun",
    "TakeIntegrationRecords",
    "EndIntegrationRun",
)
PATIENCE_SECONDS = 90
RECORDS = 4000


class Killed(BaseException):
    """What a test kills a run with: nothing of ours may catch it."""


def killing(invoke, name, *, after, times=1):
    """An invoke that dies at an operation, before it has begun or after it was committed."""
    left = [name] * times

    def call(operation, parameters, caller):
        dies = operation == name and bool(left)
        if dies and not after:
            left.pop()
            raise Killed
        answer = invoke(operation, parameters, caller)
        if dies:
            left.pop()
            raise Killed
        return answer

    return call


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_run_killed_at_a_step_goes_on(source, database, name, after):
    source.write([lead(number) for number in range(2345)])
    source.connect(page="1500")
    run_id = source.start(source.integrate())
    dying = source.on(invoke=killing(source.machine.invoke, name, after=after))

    with pytest.raises(Killed):
        integrations.run_one(dying.machine, source.domain, run_id, source.look(run_id)["Uri"])
    source.work()

    run = source.look(run_id)
    assert (run["Status"], run["Pulled"], run["Ingested"]) == ("COMPLETE", 2345, 2345)
    assert source.count() == (2345, 2345)
    check_domain(database, source.domain)


def test_a_run_that_two_processes_are_at_is_done_once(source):
    """One that lost its lock without noticing is refused its next page."""
    source.write([lead(number) for number in range(45)])
    run_id = source.start(source.integrate())
    uri = source.look(run_id)["Uri"]

    @contextmanager
    def lost(_):
        yield True

    def overtaken(name, parameters, caller):
        answer = source.machine.invoke(name, parameters, caller)
        if name == "BeginIntegrationRun":
            integrations.run_one(source.on(hold=lost).machine, source.domain, run_id, uri)
        return answer

    slow = source.on(hold=lost, invoke=overtaken).machine
    assert integrations.run_one(slow, source.domain, run_id, uri) is False

    run = source.look(run_id)
    assert (run["Status"], run["Pulled"], run["Ingested"]) == ("COMPLETE", 45, 45)
    assert source.count() == (45, 45)


def test_a_page_is_taken_once_however_often_it_is_sent(source):
    source.write([lead(1)])
    run_id = source.start(source.integrate())
    source.own("BeginIntegrationRun", RunId=run_id, Runner="me")
    request = {
        "RunId": run_id,
        "Runner": "me",
        "ObjectTypeName": "customers",
        "Position": 0,
        "Read": 1,
        "Records": [],
        "Bookmark": {"line": 1},
        "Part": None,
    }
    source.own("TakeIntegrationRecords", **request, Turn=transfers.Turn())

    with pytest.raises(BadRequest, match="taken over"):
        source.own("TakeIntegrationRecords", **request, Turn=transfers.Turn())

    assert source.look(run_id)["Pulled"] == 1


def test_a_run_that_is_begun_too_often_fails(source):
    source.write([lead(1)])
    run_id = source.start(source.integrate())
    for number in range(20):
        source.own("BeginIntegrationRun", RunId=run_id, Runner=str(number))

    source.work()

    run = source.look(run_id)
    assert run["Status"] == "FAILED"
    assert "begun 20 times" in run["Error"]


def test_records_that_come_again_change_nothing(source):
    source.write([lead(number % 7) for number in range(70)])

    run = source.run(source.integrate())

    assert (run["Pulled"], run["Ingested"]) == (70, 70)
    assert source.count() == (7, 7)


def test_a_worker_that_stops_leaves_the_run_to_the_next(source):
    source.write([lead(number) for number in range(50)])
    source.feel("slow", "0.3")
    run_id = source.start(source.integrate())

    source.on(is_stopping=lambda: source.look(run_id)["Pulled"] > 0).work()
    left = source.look(run_id)
    source.recover()
    source.work()

    assert left["Status"] == "IN_PROGRESS"
    assert 0 < left["Pulled"] < 50

    assert source.look(run_id)["Pulled"] == 50
    assert source.count() == (50, 50)


@contextmanager
def worker(settings, environment=None):
    arguments = [settings.database_url, settings.secrets_key, settings.account_id]
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("worker.py")), *arguments],
        stderr=subprocess.DEVNULL,
        env=environment,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_for(condition):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_slow_database_slows_the_pull(source):
    """No more is read than what waits and what is under way."""
    source.write([lead(number) for number in range(5000)])
    source.connect(page="1000")
    run_id = source.start(source.integrate())
    read, ahead = [], []
    take = reading.Cutting.batches

    def counted(cutting, pages):
        for batch in take(cutting, pages):
            read.append(batch.read)
            yield batch

    def slow(name, parameters, caller):
        if name == "TakeIntegrationRecords":
            time.sleep(0.3)
            ahead.append(sum(read) - parameters["Position"])
        return source.machine.invoke(name, parameters, caller)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(reading.Cutting, "batches", counted)
        source.on(invoke=slow).work()

    assert source.look(run_id)["Pulled"] == 5000
    assert max(ahead) <= 1000 * (3 + 2 + 1)


def test_a_worker_killed_in_the_middle_of_files_loses_nothing(source, database, tmp_path):
    """The connector of buckets; the worker is killed by SIGKILL while it reads large files."""
    rows = 12_000
    folder = tmp_path / "drop" / "in"
    folder.mkdir(parents=True)
    for name, start in (("a.csv", 0), ("b.csv", rows // 2)):
        lines = [f"{n},lead{n}@example.com" for n in range(start, start + rows // 2)]
        (folder / name).write_text("\n".join(["id,mail", *lines, f",nobody{start}@example.com"]))
    trigger = every("rate(1 day)")
    source.integrate(flow(TriggerConfig=trigger))
    environment = {**os.environ, "OPENPROFILES_BUCKETS_URL": f"file://{tmp_path}"}

    def pulled():
        runs = source.runs()
        return runs[0]["Pulled"] if runs else 0

    for goal in (1, rows // 3, rows * 2 // 3):
        with worker(source.machine.settings, environment) as process:
            wait_for(lambda goal=goal: pulled() >= goal)
            process.send_signal(signal.SIGKILL)
    with worker(source.machine.settings, environment):
        wait_for(lambda: source.runs()[0]["Status"] == "COMPLETE")

    (run,) = source.runs()
    assert (run["Pulled"], run["Ingested"], run["Rejected"]) == (rows + 2, rows, 2)
    assert source.count() == (rows, rows)
    check_domain(database, source.domain)


def test_workers_killed_in_the_middle_lose_nothing_and_do_nothing_twice(
    source, application, database
):
    """The job worker is killed by SIGKILL again and again while it pulls."""
    bad = 40
    source.write([lead(number) for number in range(RECORDS)])
    source.write(["{broken"] * bad)
    source.connect(page="50")
    source.feel("slow", "0.02")
    source.integrate(folder_flow(TriggerConfig=every("rate(1 day)")))

    def pulled():
        runs = source.runs()
        return runs[0]["Pulled"] if runs else 0

    for goal in (1, RECORDS // 4, RECORDS // 2, RECORDS * 3 // 4):
        with worker(application.settings) as process:
            wait_for(lambda goal=goal: pulled() >= goal)
            process.send_signal(signal.SIGKILL)
    with worker(application.settings):
        wait_for(lambda: source.runs()[0]["Status"] == "COMPLETE")

    (run,) = source.runs()
    assert (run["Pulled"], run["Ingested"], run["Rejected"]) == (RECORDS + bad, RECORDS, bad)
    assert source.count() == (RECORDS, RECORDS)
    with database.reading() as transaction:
        [(rejected,)] = transaction.rows(
            "select count(*) from rejected_objects join domains using (domain_id) where name = %s",
            [source.domain],
        )
    assert rejected == bad
    check_domain(database, source.domain)
