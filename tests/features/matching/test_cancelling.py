"""Jobs that somebody cancels."""

import pytest

from openprofiles.core.errors import BadRequest, ResourceNotFound
from openprofiles.features import matching
from tests.features.matching.conftest import ANNA, ANNA_AGAIN


def test_a_job_that_waits_is_cancelled_and_never_run(town):
    town.settle(ANNA, ANNA_AGAIN)
    job_id = town.start()

    answer = town.own("CancelIdentityResolutionJob", JobId=job_id)

    assert (answer["Status"], answer["Message"]) == ("FAILED", "The job was cancelled")
    assert matching.run_due(town.machine) == 0
    assert town.matches() == []


def test_a_job_that_runs_stops_where_it_is(town):
    town.settle(ANNA, ANNA_AGAIN)
    job_id = town.start()

    def watch(job) -> None:
        if job.status == "FIND_MATCHING" and job.ended_at is None:
            town.own("CancelIdentityResolutionJob", JobId=job_id)

    matching.run_due(town.on(watch=watch).machine)

    assert town.job(job_id)["Status"] == "FAILED"
    assert town.matches() == []
    assert town.run()["Status"] == "COMPLETED"


def test_a_scheduled_job_that_is_cancelled_comes_again(town):
    town.enable()
    [waiting] = town.jobs()

    town.own("CancelIdentityResolutionJob", JobId=waiting["JobId"])

    assert {job["Status"] for job in town.jobs()} == {"FAILED", "PENDING"}


def test_a_job_that_has_ended_cannot_be_cancelled(town):
    job_id = town.run()["JobId"]

    with pytest.raises(BadRequest, match="has ended already"):
        town.own("CancelIdentityResolutionJob", JobId=job_id)
    with pytest.raises(ResourceNotFound, match="does not exist"):
        town.own("CancelIdentityResolutionJob", JobId="0" * 32)
