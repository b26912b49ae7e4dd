"""A job that is killed anywhere goes on and does its work once."""

import dataclasses
import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from openprofiles.core.errors import BadRequest
from openprofiles.features import matching
from tests.features.matching.conftest import ANNA, ANNA_AGAIN, BELA, BELA_AGAIN

pytestmark = pytest.mark.usefixtures("untraced_processes")

MERGING = {
    "Enabled": True,
    "Consolidation": {"MatchingAttributesList": [["FirstName"]]},
}
STEPS = (
    "BeginIdentityResolutionJob",
    "AdvanceIdentityResolutionJob",
    "ReadMatchingValues",
    "ReadMatchingRecords",
    "ReadDecisions",
    "KeepMatches",
    "ForgetMatches",
    "MergeMatches",
    "EndIdentityResolutionJob",
)
PATIENCE_SECONDS = 60
SYLLABLES = ("ba", "ko", "mi", "tu", "ler", "san", "dro", "vik", "pel", "zon")
PEOPLE = [
    {
        "FirstName": (SYLLABLES[n % 10] + SYLLABLES[n // 10] + SYLLABLES[(n * 7 + 3) % 10]).title(),
        "LastName": (SYLLABLES[n * 3 % 10] + SYLLABLES[n // 7] + SYLLABLES[n % 9]).title()
        + "owitz",
        "EmailAddress": f"{SYLLABLES[n % 10]}{n}@mail.net",
    }
    for n in range(60)
]
"""People who have nothing to do with one another."""


class Killed(BaseException):
    """What a test kills a run with: nothing of ours may catch it."""


def killing(invoke: Any, name: str, *, after: bool) -> Callable[..., Any]:
    """An invoke that dies once at an operation, before it has begun or after it was committed."""
    left = [name]

    def call(operation: str, parameters: Any, caller: Any) -> Any:
        dies = operation == name and bool(left)
        if dies:
            left.clear()
        if dies and not after:
            raise Killed
        answer = invoke(operation, parameters, caller)
        if dies:
            raise Killed
        return answer

    return call


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_job_killed_at_a_step_goes_on(town, clock, name, after):
    ids = town.settle(ANNA, BELA, ANNA_AGAIN, BELA_AGAIN, ANNA)
    town.enable(AutoMerging=MERGING)
    clock.turn(hours=24)
    dying = killing(town.machine.invoke, name, after=after)

    with pytest.raises(Killed):
        matching.run_due(town.on(invoke=dying).machine)
    matching.run_due(town.machine)

    waiting, done = town.jobs()
    assert (waiting["Status"], done["Status"]) == ("PENDING", "COMPLETED")
    assert done["JobStats"] == {
        "NumberOfProfilesReviewed": 5,
        "NumberOfMatchesFound": 2,
        "NumberOfMergesDone": 3,
    }
    assert town.client.get_domain(DomainName=town.name)["Stats"]["ProfileCount"] == 2
    assert len(town.own("ListMerges")["Items"]) == 2
    assert town.matches() == []
    for profile_id in ids:
        assert town.client.search_profiles(
            DomainName=town.name, KeyName="_profileId", Values=[profile_id]
        )["Items"]


def test_a_job_that_is_taken_over_refuses_who_had_it(town):
    town.settle(ANNA, ANNA_AGAIN)
    job_id = town.start()
    request = {"JobId": job_id, "Runner": "1" * 32}
    town.own("BeginIdentityResolutionJob", **request)
    town.own("BeginIdentityResolutionJob", **{**request, "Runner": "2" * 32})

    with pytest.raises(BadRequest, match="taken over"):
        town.own("NoteIdentityResolutionProgress", **request, Done=1)


def test_a_job_that_never_gets_anywhere_fails(town):
    town.settle(ANNA, ANNA_AGAIN)
    job_id = town.start()
    for _ in range(5):
        dying = killing(town.machine.invoke, "KeepMatches", after=False)
        with pytest.raises(Killed):
            matching.run_due(town.on(invoke=dying).machine)

    matching.run_due(town.machine)

    job = town.job(job_id)
    assert (job["Status"], job["JobStats"]["NumberOfMatchesFound"]) == ("FAILED", 0)
    assert "begun 5 times" in job["Message"]
    assert matching.run_due(town.machine) == 0


def test_a_job_stops_with_its_worker_and_goes_on_with_the_next(town, caplog):
    caplog.set_level(logging.INFO)
    town.settle(ANNA, ANNA_AGAIN)
    job_id = town.start()
    asked = iter([False, True])

    stopped = town.on(is_stopping=lambda: next(asked, True))
    matching.run_due(stopped.machine)
    assert town.job(job_id)["Status"] == "PREPROCESSING"
    assert matching.run_due(stopped.machine) == 0

    matching.run_due(town.machine)
    assert town.job(job_id)["Status"] == "COMPLETED"
    said = [line.message for line in caplog.records if getattr(line, "job_id", None) == job_id]
    assert said == ["A job stopped, to be continued", "A job is done"]


def test_earlier_results_go_batch_by_batch(town, database, monkeypatch):
    town.settle(ANNA, ANNA_AGAIN)
    town.run()
    monkeypatch.setattr("openprofiles.features.matching.operations.steps.ROWS_AT_ONCE", 1)

    job = town.run()

    with database.reading() as transaction:
        rows = transaction.rows(
            "select distinct job_id from match_groups join domains using (domain_id)"
            " where name = %s",
            [town.name],
        )
    assert rows == [(job["JobId"],)]


def test_progress_is_noted_now_and_then(town, monkeypatch):
    monkeypatch.setattr("openprofiles.features.matching.running.NOTE_SECONDS", 0)
    monkeypatch.setattr("openprofiles.features.matching.running.PROFILES_AT_ONCE", 2)
    town.settle(ANNA, ANNA_AGAIN, BELA)
    seen: list[tuple[int, int]] = []
    town.start()

    matching.run_due(
        town.on(watch=lambda job: seen.append((job.progress.done, job.progress.total))).machine
    )

    assert seen[2:5] == [(2, 3), (3, 3), (3, 3)]


def test_what_a_killed_run_left_on_disk_goes(town, settings, tmp_path):
    own = dataclasses.replace(settings, database_url=None, data_dir=tmp_path)
    job_id = town.start()
    left = tmp_path / "resolution" / job_id
    left.mkdir(parents=True)
    (left / "records.parquet").write_bytes(b"half")

    matching.run_due(town.on(settings=own).machine)

    assert town.job(job_id)["Status"] == "COMPLETED"
    assert list((tmp_path / "resolution").iterdir()) == []


@contextmanager
def worker(conninfo: str) -> Iterator[subprocess.Popen[str]]:
    """A job worker that has started."""
    program = Path(__file__).with_name("worker.py")
    with subprocess.Popen(
        [sys.executable, str(program), conninfo], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)


def wait_for(conninfo: str, condition: str, name: str) -> None:
    """Wait until a job of a domain fulfils an SQL condition."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    query = (
        f"select count(*) > 0 from identity_resolution_jobs join domains using (domain_id)"
        f" where name = %s and {condition}"
    )
    with psycopg.connect(conninfo, autocommit=True) as connection:
        while time.monotonic() < deadline:
            if connection.execute(query, [name]).fetchone() == (True,):
                return
            time.sleep(0.01)
    pytest.fail(f"not in time: {condition}")


@pytest.mark.parametrize(
    ("status", "table"), [("FIND_MATCHING", "match_groups"), ("MERGING", "merges")]
)
def test_a_worker_that_is_killed_is_taken_over_by_the_next(town, database, status, table):
    conninfo = database.conninfo
    town.settle(*PEOPLE, *PEOPLE)
    town.enable(AutoMerging=MERGING)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(
            "update identity_resolution_jobs set starts_at = now() where status = 'PENDING'"
        )

    # Nobody gets past the step while another has the table that it writes to.
    with psycopg.connect(conninfo) as holding, worker(conninfo) as killed:
        holding.execute(f"lock table {table} in exclusive mode")
        wait_for(conninfo, f"status = '{status}'", town.name)
        killed.send_signal(signal.SIGKILL)
    with worker(conninfo):
        wait_for(conninfo, "ended_at is not null", town.name)

    [job] = [job for job in town.jobs() if job["Status"] != "PENDING"]
    assert job["Status"] == "COMPLETED"
    assert job["JobStats"]["NumberOfMergesDone"] == len(PEOPLE)
    assert town.client.get_domain(DomainName=town.name)["Stats"]["ProfileCount"] == len(PEOPLE)
    assert len(town.own("ListMerges", MaxResults=100)["Items"]) == len(PEOPLE)


def test_files_of_a_job_that_another_process_runs_stay(town, monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    other = tmp_path / f"openprofiles-resolution-{uuid.uuid4().hex}"
    other.mkdir()
    # To who looks at it, a link to nothing is a folder that has gone since it was listed.
    other.with_name("openprofiles-resolution-gone").symlink_to("nowhere")
    foreign, old = tmp_path / "foreign", tmp_path / "openprofiles-resolution-old"
    for folder in (foreign, old):
        folder.mkdir()
        os.utime(folder, (0, 0))
    town.settle(ANNA, ANNA_AGAIN)

    assert town.run()["Status"] == "COMPLETED"

    assert other.is_dir()
    assert foreign.is_dir()
    assert not old.exists()
    assert len(list(tmp_path.iterdir())) == 3
