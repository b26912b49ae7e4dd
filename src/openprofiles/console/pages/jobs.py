"""Jobs: long work of all kinds and domains in one list, each with its steps, to stop or repeat."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from flask import Blueprint, Response, flash, request, url_for

from openprofiles.console.areas import Area, Entry
from openprofiles.console.measures import span_words
from openprofiles.console.pages import imports
from openprofiles.console.pages.job_kinds import (
    KINDS,
    LASTING,
    NUMBERS,
    STATES,
    STEP_STATES,
    STEPS,
    goes_on,
    lacks_file,
    page_of,
    send_url_of,
    subject_of,
)
from openprofiles.console.rendering import Page, render
from openprofiles.console.rights import might
from openprofiles.console.saying import plainly
from openprofiles.console.visit import ask, see_other
from openprofiles.core.errors import BadRequest
from openprofiles.core.operation import Answer

PAGE = 50
blueprint = Blueprint("jobs", __name__)
ENTRIES = (
    Entry(area=Area.OPERATE, label="Jobs", icon="tasks", endpoint="jobs.index", needs_domain=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job; `took` is how long it was or is under way, `state` a word and its kind of badge,
    `again` what the button says that repeats it: None when none does, or the person might not.
    """

    id: str
    domain: str
    kind: str
    subject: str
    state: tuple[str, str]
    is_open: bool
    done: int | None
    total: int | None
    starts_at: datetime
    began_at: datetime | None
    ended_at: datetime | None
    took: str
    message: str | None
    attempts: int | None
    numbers: tuple[tuple[str, int], ...]
    again: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """What is done to a domain as a whole."""

    domain: str
    kind: str
    state: tuple[str, str]
    done: int | None
    total: int | None
    began_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobsPage(Page):
    """The jobs of the account, or of a domain."""

    template: ClassVar[str] = "jobs/index.html"
    files: ClassVar[tuple[str, ...]] = ("operate.css",)

    title: str = "Jobs"
    """What the page is called."""
    jobs: tuple[Job, ...]
    """A page of them, what starts latest first."""
    whole: tuple[Whole, ...]
    """What is done to domains as a whole at the moment."""
    is_live: bool
    """Whether some of it goes on."""
    domains: tuple[str, ...]
    """The first domains of the account, to choose from; others can be typed."""
    kinds: tuple[tuple[str, str], ...]
    """The kinds to choose from, likewise."""
    states: tuple[tuple[str, str], ...]
    """The states to choose from, likewise."""
    chosen: Mapping[str, str]
    """What was chosen: `domain`, `kind`, `state`; empty words for all."""
    first_url: str
    """Where the list begins."""
    next_url: str | None
    """Where it goes on; None at its end."""
    is_first: bool
    """Whether nothing comes before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPage(Page):
    """One job."""

    template: ClassVar[str] = "jobs/job.html"
    files: ClassVar[tuple[str, ...]] = ("operate.css",)

    job: Job
    """The job."""
    steps: tuple[tuple[str, tuple[str, str]], ...]
    """Its steps, each with how far it is."""
    page_url: str | None
    """Where its own area shows it; None when it has no page there."""
    may_cancel: bool
    """Whether it can be stopped, and the person might do so."""
    goes_on: bool
    """Whether it goes on when it is repeated, instead of a new one being begun."""
    lacks_file: bool
    """Whether it is an import short of its end whose file is gone."""
    send_url: str | None
    """Where such a file can be sent again, if the person might do so."""


@blueprint.get("/jobs")
def index() -> Response:
    """The list."""
    chosen = {
        "domain": request.args.get("domain", ""),
        "kind": _known(request.args.get("kind", ""), KINDS),
        "state": _known(request.args.get("state", ""), STATES),
    }
    token = request.args.get("after")
    found = _list(chosen, token)
    jobs = tuple(map(_job, found["Items"]))
    whole = tuple(map(_whole, found["Lasting"]))
    here: dict[str, Any] = {name: value for name, value in chosen.items() if value}
    page = JobsPage(
        jobs=jobs,
        whole=whole,
        is_live=bool(whole) or any(job.is_open for job in jobs),
        domains=tuple(item["DomainName"] for item in ask("ListDomains", MaxResults=100)["Items"]),
        kinds=(("", "all kinds"), *KINDS.items()),
        states=(("", "all states"), *((name, words) for name, (words, _) in STATES.items())),
        chosen=chosen,
        first_url=url_for("jobs.index", **here),
        next_url=url_for("jobs.index", **here, after=found["NextToken"])
        if found["NextToken"]
        else None,
        is_first=token is None,
    )
    return render(page)


@blueprint.get("/domains/<domain_name>/jobs/<job_id>")
def show(domain_name: str, job_id: str) -> Response:
    """One job."""
    found = ask("DescribeJob", DomainName=domain_name, JobId=job_id)
    job = _job(found)
    gone = lacks_file(found)
    page = JobPage(
        title=job.kind,
        job=job,
        steps=tuple((STEPS[step["Name"]], STEP_STATES[step["State"]]) for step in found["Steps"]),
        page_url=page_of(found),
        may_cancel=_may(found["Cancel"]),
        goes_on=goes_on(found["Retry"]),
        lacks_file=gone,
        send_url=send_url_of(found) if gone and imports.may_start() else None,
    )
    return render(page)


@blueprint.post("/domains/<domain_name>/jobs/<job_id>/cancel")
def cancel(domain_name: str, job_id: str) -> Response:
    """End a job, by the operation of its own that does."""
    return _do(domain_name, job_id, "Cancel", "It is told to stop. What it has done stays.")


@blueprint.post("/domains/<domain_name>/jobs/<job_id>/retry")
def retry(domain_name: str, job_id: str) -> Response:
    """Do the same once more, by the operation of its own that does."""
    return _do(domain_name, job_id, "Retry", "It is begun once more, as a job of its own.")


def _do(domain_name: str, job_id: str, way: str, said: str) -> Response:
    here = url_for("jobs.show", domain_name=domain_name, job_id=job_id)
    there = here if way == "Cancel" else url_for("jobs.index", domain=domain_name)
    asked = ask("DescribeJob", DomainName=domain_name, JobId=job_id)[way]
    if asked is None:
        flash("It is too late for that: see how the job stands now.", "error")
        return see_other(here)
    try:
        ask(asked["Operation"], **asked["Parameters"])
    except BadRequest as error:
        flash(f"{plainly(error)}.", "error")
        return see_other(here)
    if goes_on(asked):
        said, there = "It goes on behind what it has done.", here
    flash(said, "success")
    return see_other(there)


def _list(chosen: Mapping[str, str], token: str | None) -> Answer:
    given = {
        "Kind": chosen["kind"] or None,
        "State": chosen["state"] or None,
        "MaxResults": PAGE,
        "NextToken": token,
    }
    if chosen["domain"]:
        return ask("ListJobs", DomainName=chosen["domain"], **given)
    return ask("ListAccountJobs", **given)


def _known(word: str, words: Mapping[str, object]) -> str:
    return word if word in words else ""


def _may(way: Mapping[str, Any] | None) -> bool:
    return way is not None and might(way["Operation"])


def _again(way: Mapping[str, Any] | None) -> str | None:
    if not _may(way):
        return None
    return "Try again" if goes_on(way) else "Do it again"


def _job(item: Mapping[str, Any]) -> Job:
    began_at, ended_at = item["BeganAt"], item["EndedAt"]
    took = span_words((ended_at or datetime.now(UTC)) - began_at) if began_at else "—"
    return Job(
        id=item["JobId"],
        domain=item["DomainName"],
        kind=KINDS[item["Kind"]],
        subject=subject_of(item),
        state=STATES[item["State"]],
        is_open=item["State"] in ("WAITING", "RUNNING"),
        done=item["Done"],
        total=item["Total"],
        starts_at=item["StartsAt"],
        began_at=began_at,
        ended_at=ended_at,
        took=took,
        message=item["Message"],
        attempts=item["Attempts"],
        numbers=tuple(
            (words, item["Numbers"][name])
            for name, words in NUMBERS.items()
            if name in item["Numbers"]
        ),
        again=_again(item["Retry"]),
    )


def _whole(item: Mapping[str, Any]) -> Whole:
    return Whole(
        domain=item["DomainName"],
        kind=LASTING[item["Kind"]],
        state=STATES[item["State"]],
        done=item["Done"],
        total=item["Total"],
        began_at=item["BeganAt"],
    )
