"""When jobs run, and how they show (core reference §8.1)."""

from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openprofiles.core import paging
from openprofiles.core.errors import BadRequest
from openprofiles.features import matching
from openprofiles.features.matching.online import filling
from openprofiles.features.matching.running import sweep
from openprofiles.features.matching.scheduling import WEEK, next_time, start_of
from openprofiles.jobs import Tick
from tests.features.matching.conftest import ANNA, ANNA_AGAIN, BELA, BELA_AGAIN, held_by_another

SATURDAY = {"DayOfTheWeek": "SATURDAY", "Time": "00:00"}
MONDAY_NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MOMENTS = st.integers(0, 366 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
DAYS = st.sampled_from(["MONDAY", "SATURDAY", "SUNDAY"])


def test_enabling_has_a_job_wait_that_starts_within_a_day(town, clock):
    town.enable()

    [job] = town.jobs()
    assert job["Status"] == "PENDING"
    assert clock() < job["JobStartTime"] <= clock() + timedelta(hours=24)


def test_the_job_starts_when_it_is_due_and_the_next_one_waits(town, clock, machine):
    town.settle(ANNA, ANNA_AGAIN)
    town.enable()
    assert matching.run_due(machine) == 0

    clock.turn(hours=24)
    assert matching.run_due(machine) == 1

    waiting, done = town.jobs()
    assert (waiting["Status"], done["Status"]) == ("PENDING", "COMPLETED")
    assert done["JobStats"]["NumberOfMatchesFound"] == 1
    start = waiting["JobStartTime"]
    assert (start.weekday(), start.hour, start.minute) == (5, 0, 0)
    assert clock() < start <= clock() + timedelta(days=7)
    assert matching.run_due(machine) == 0


def test_another_schedule_moves_the_job_that_waits(town, clock):
    town.enable()
    clock.turn(hours=24)
    matching.run_due(town.machine)
    moment = clock() + timedelta(days=3)
    day = moment.strftime("%A").upper()

    town.enable(JobSchedule={"DayOfTheWeek": day, "Time": "7:05"})

    waiting, _ = town.jobs()
    start = waiting["JobStartTime"]
    assert (start.date(), start.hour, start.minute) == (moment.date(), 7, 5)


def test_disabling_removes_the_job_that_waits_and_keeps_the_others(town, client):
    job = town.run()
    town.enable()

    client.update_domain(DomainName=town.name, Matching={"Enabled": False})

    assert [item["JobId"] for item in town.jobs()] == [job["JobId"]]


def test_a_domain_made_with_matching_has_a_job_waiting(client):
    client.create_domain(
        DomainName="born-with-it", DefaultExpirationDays=30, Matching={"Enabled": True}
    )

    answer = client.list_identity_resolution_jobs(DomainName="born-with-it")
    assert [job["Status"] for job in answer["IdentityResolutionJobsList"]] == ["PENDING"]


def test_other_changes_of_a_domain_leave_the_job_alone(town, client):
    town.enable()
    before = town.jobs()

    client.update_domain(DomainName=town.name, DefaultExpirationDays=30)
    town.enable()

    assert town.jobs() == before


def test_no_more_than_three_jobs_start_in_a_week(town, clock, client):
    for _ in range(3):
        town.enable()
        clock.turn(hours=24)
        assert matching.run_due(town.machine) == 1
        client.update_domain(DomainName=town.name, Matching={"Enabled": False})
    first = min(job["JobStartTime"] for job in town.jobs())

    town.enable()

    start = max(job["JobStartTime"] for job in town.jobs())
    assert abs(start - first - timedelta(days=7)) < timedelta(seconds=1)


def test_a_job_shows_its_members(town):
    job = town.run()

    assert set(job) == {
        *("DomainName", "JobId", "Status", "JobStartTime", "JobEndTime", "JobStats"),
        *("LastUpdatedAt", "JobExpirationTime"),
    }
    [item] = town.jobs()
    assert item == {
        name: value
        for name, value in job.items()
        if name not in ("LastUpdatedAt", "JobExpirationTime")
    }


def test_a_job_shows_the_auto_merging_it_ran_with(town, clock):
    town.enable(AutoMerging={"Enabled": False})
    clock.turn(hours=24)
    matching.run_due(town.machine)
    town.enable(AutoMerging={"Enabled": True})

    _, done = town.jobs()
    assert town.job(done["JobId"])["AutoMerging"] == {"Enabled": False}


def test_a_job_that_does_not_exist_is_not_found(town, client):
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_identity_resolution_job(DomainName=town.name, JobId="0" * 32)


def test_jobs_come_in_pages_the_latest_first(town, client):
    ids = [town.run()["JobId"] for _ in range(3)]

    first = client.list_identity_resolution_jobs(DomainName=town.name, MaxResults=2)
    second = client.list_identity_resolution_jobs(
        DomainName=town.name, MaxResults=2, NextToken=first["NextToken"]
    )

    pages = [page["IdentityResolutionJobsList"] for page in (first, second)]
    assert [[job["JobId"] for job in page] for page in pages] == [[ids[2], ids[1]], [ids[0]]]
    assert "NextToken" not in second


@pytest.mark.parametrize(
    "cursor", ["", "x y", "2026-01-01 " + "0" * 32, "2026-01-01T00:00+00:00 x"]
)
def test_a_broken_page_of_jobs_is_refused(town, client, clock, settings, cursor):
    scope = ("ListIdentityResolutionJobs", settings.account_id, town.name)

    with pytest.raises(client.exceptions.BadRequestException, match="not a token"):
        client.list_identity_resolution_jobs(
            DomainName=town.name, NextToken=paging.encode(scope, cursor, clock())
        )


def test_one_job_can_be_asked_for_at_a_time(town):
    job_id = town.start()

    with pytest.raises(BadRequest, match=job_id):
        town.start()

    matching.run_due(town.machine)
    assert town.start() != job_id


@pytest.mark.parametrize("how", ["without matching", "to be filled", "filled"])
def test_a_run_on_values_of_the_index_finds_what_one_on_profiles_does(town, how):
    town.settle(ANNA, ANNA_AGAIN, BELA, BELA_AGAIN)
    read: list[str] = []
    if how != "without matching":
        town.enable()
    if how == "filled":
        filling.work_off(town.machine.invoke, town.machine.caller)

    town.on(invoke=noting(town.machine.invoke, read)).run()

    assert len(town.matches()) == 2
    assert read[0] == "ReadMatchingValues"
    assert ("ReadMatchingRecords" in read) == (how != "filled")


def noting(invoke: Any, read: list[str]) -> Any:
    """An invoke that notes which operations read profiles."""

    def call(operation: str, parameters: Any, caller: Any) -> Any:
        if operation.startswith("ReadMatching") and "Take" in parameters:
            read.append(operation)
        return invoke(operation, parameters, caller)

    return call


def test_a_job_shows_how_far_it_is(town):
    seen: list[Any] = []
    town.settle(ANNA, ANNA_AGAIN)
    job_id = town.start()

    matching.run_due(town.on(watch=seen.append).machine)

    assert [job.status for job in seen] == [
        *("PREPROCESSING", "PREPROCESSING", "FIND_MATCHING", "FIND_MATCHING", "COMPLETED"),
    ]
    described = town.own("DescribeIdentityResolutionJob", JobId=job_id)
    assert described["Cause"] == "request"
    assert described["ModelVersion"]
    assert described["Progress"]["MatchesNotMerged"] == 0


def test_what_another_process_runs_is_left_to_it(town):
    town.start()

    assert matching.run_due(town.on(hold=held_by_another).machine) == 0
    assert matching.run_due(town.machine) == 1


def test_a_job_of_a_deleted_domain_ends(town, client):
    town.settle(ANNA, ANNA_AGAIN)
    town.start()

    def delete(_: object) -> None:
        client.delete_domain(DomainName=town.name)

    assert matching.run_due(town.on(watch=delete).machine) == 0
    assert matching.run_due(town.machine) == 0


def test_what_is_over_is_swept(town, clock, database, machine, monkeypatch):
    monkeypatch.setattr("openprofiles.features.matching.operations.steps.ROWS_AT_ONCE", 1)
    town.settle(ANNA, ANNA_AGAIN)
    town.run()

    def rows(table: str) -> int:
        with database.reading() as transaction:
            [row] = transaction.rows(
                f"select count(*) from {table} join domains using (domain_id) where name = %s",
                [town.name],
            )
        return int(row[0])

    def swept() -> list[int]:
        sweep(machine.invoke, machine.caller, is_stopping=lambda: False)
        return [rows(table) for table in ("match_groups", "match_values", "match_models")]

    assert min(swept()) > 0
    clock.turn(days=8)
    assert swept() == [0, 0, 0]
    assert rows("identity_resolution_jobs") == 1
    clock.turn(days=360)
    swept()
    assert rows("identity_resolution_jobs") == 0


def test_a_result_stays_until_the_next_one_while_jobs_are_scheduled(town, clock, machine):
    town.enable()
    anna, again = town.settle(ANNA, ANNA_AGAIN)
    town.run()

    clock.turn(days=8)
    sweep(machine.invoke, machine.caller, is_stopping=lambda: False)

    assert town.matches() == [{anna, again}]


def test_a_schedule_given_while_the_job_runs_is_that_of_the_next(town, clock):
    town.settle(ANNA, ANNA_AGAIN)
    town.enable()
    clock.turn(hours=24)

    def change(job: Any) -> None:
        if job.status == "FIND_MATCHING":
            town.enable(JobSchedule={"DayOfTheWeek": "MONDAY", "Time": "5:00"})

    matching.run_due(town.on(watch=change).machine)

    waiting, done = town.jobs()
    assert done["Status"] == "COMPLETED"
    assert (waiting["JobStartTime"].weekday(), waiting["JobStartTime"].hour) == (0, 5)


def test_switching_off_and_on_while_the_job_runs_makes_no_second_one(town, client, clock):
    town.settle(ANNA, ANNA_AGAIN)
    town.enable()
    clock.turn(hours=24)

    def switch(job: Any) -> None:
        if job.status == "PREPROCESSING":
            client.update_domain(DomainName=town.name, Matching={"Enabled": False})
            town.enable()

    matching.run_due(town.on(watch=switch).machine)

    assert [job["Status"] for job in town.jobs()] == ["PENDING", "COMPLETED"]


def test_a_job_that_has_ended_is_not_begun_again(town):
    job = town.run()

    with pytest.raises(BadRequest, match="has ended"):
        town.own("BeginIdentityResolutionJob", JobId=job["JobId"], Runner="1" * 32)


def test_each_schedule_does_its_part(town, machine):
    town.settle(ANNA, ANNA_AGAIN)
    town.enable()
    job_id = town.start()
    tick = Tick(
        at=datetime(2026, 1, 1, tzinfo=UTC),
        step=lambda _, function, *given: function(*given),
        stopping=Event(),
    )

    schedules = matching.schedules(machine.invoke, machine.settings, machine.hold)
    for schedule in schedules:
        schedule.function(tick)

    assert len({schedule.name for schedule in schedules}) == len(schedules)
    assert town.job(job_id)["Status"] == "COMPLETED"


@given(
    MOMENTS, st.sampled_from(["MONDAY", "SATURDAY", "SUNDAY"]), st.sampled_from(["0:00", "23:59"])
)
def test_the_next_time_is_within_a_week_on_that_day(moment, day, time):
    found = next_time({"DayOfTheWeek": day, "Time": time}, moment)

    assert moment < found <= moment + WEEK
    assert found.strftime("%A").upper() == day
    assert f"{found:%-H:%M}" == time


@pytest.mark.parametrize(
    ("deadline", "expected"),
    [
        (None, datetime(2026, 11, 28, tzinfo=UTC)),
        (MONDAY_NOON + timedelta(hours=24), MONDAY_NOON + timedelta(hours=24)),
        (MONDAY_NOON + timedelta(days=6), datetime(2026, 11, 28, tzinfo=UTC)),
        # Past: a job that was not run in time starts at once.
        (MONDAY_NOON - timedelta(hours=1), MONDAY_NOON),
    ],
)
def test_a_job_starts_by_schedule_or_at_its_deadline(deadline, expected):
    assert start_of(SATURDAY, MONDAY_NOON, deadline=deadline) == expected
