"""Runs of identity resolution: started, watched and cancelled from the queue."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from flask import Response, flash, url_for

from openprofiles.console.pages.duplicates.area import blueprint, may_decide
from openprofiles.console.rendering import Page, render, wants_part
from openprofiles.console.saying import plainly
from openprofiles.console.visit import ask, see_other
from openprofiles.core.errors import BadRequest

LOOKED_AT = 5
"""Jobs among which the last one is looked for: at most one of each kind waits."""

STEPS = {
    "PENDING": "Waits for a job worker",
    "PREPROCESSING": "Reads profiles",
    "FIND_MATCHING": "Compares profiles",
    "MERGING": "Merges what it was told to",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run. `step` says what it does at the moment, None when it has ended."""

    id: str
    status: str
    step: str | None
    done: int
    total: int
    reviewed: int
    found: int
    merged: int
    message: str | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPart(Page):
    """How far a run is."""

    template: ClassVar[str] = "duplicates/run.html"

    title: str = "The run"
    """What the part is called."""
    domain: str
    """The domain."""
    run: Run | None
    """The run."""
    may_decide: bool
    """Whether the person may cancel it."""


@blueprint.post("/domains/<domain_name>/duplicates/runs")
def start_run(domain_name: str) -> Response:
    """Have a run begin as soon as a job worker is free."""
    try:
        ask("StartIdentityResolutionJob", DomainName=domain_name)
    except BadRequest as error:
        flash(plainly(error), "error")
    return see_other(url_for("duplicates.queue", domain_name=domain_name))


@blueprint.get("/domains/<domain_name>/duplicates/runs/<job_id>")
def watch_run(domain_name: str, job_id: str) -> Response:
    """How far it is; to be asked again and again."""
    if not wants_part():
        return see_other(url_for("duplicates.queue", domain_name=domain_name))
    return _part(domain_name, job_id)


@blueprint.post("/domains/<domain_name>/duplicates/runs/<job_id>/cancel")
def cancel_run(domain_name: str, job_id: str) -> Response:
    """End it where it is."""
    said = "The run is cancelled."
    try:
        ask("CancelIdentityResolutionJob", DomainName=domain_name, JobId=job_id)
    except BadRequest as error:
        said = plainly(error)
    if wants_part():
        return _part(domain_name, job_id)
    flash(said, "success")
    return see_other(url_for("duplicates.queue", domain_name=domain_name))


def find_run(domain_name: str) -> Run | None:
    """The run that is under way, else the last one; None when none has begun."""
    answer = ask("ListIdentityResolutionJobs", DomainName=domain_name, MaxResults=LOOKED_AT)
    jobs = answer["IdentityResolutionJobsList"]
    for job in jobs:
        if job["JobEndTime"] is None:
            run = _run(
                ask("DescribeIdentityResolutionJob", DomainName=domain_name, JobId=job["JobId"])
            )
            if run is not None:
                return run
    ended = (job for job in jobs if job["JobEndTime"] is not None)
    last = next(ended, None)
    return (
        None if last is None else _run({**last, "Progress": {"Done": 0, "Total": 0}, "Cause": ""})
    )


def _part(domain_name: str, job_id: str) -> Response:
    job = ask("DescribeIdentityResolutionJob", DomainName=domain_name, JobId=job_id)
    return render(RunPart(domain=domain_name, run=_run(job), may_decide=may_decide()))


def _run(job: Mapping[str, Any]) -> Run | None:
    """A job as a run; None when it only waits for its time."""
    status, statistics = job["Status"], job["JobStats"]
    if status == "PENDING" and job["Cause"] == "schedule":
        return None
    return Run(
        id=job["JobId"],
        status=status,
        step=STEPS[status] if job["JobEndTime"] is None else None,
        done=job["Progress"]["Done"],
        total=job["Progress"]["Total"],
        reviewed=statistics["NumberOfProfilesReviewed"],
        found=statistics["NumberOfMatchesFound"],
        merged=statistics["NumberOfMergesDone"],
        message=job["Message"],
        ended_at=job["JobEndTime"],
    )
