"""Health: what whoever runs the service looks at first."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from flask import Blueprint, Response, url_for

from openprofiles.console.areas import Area, Entry
from openprofiles.console.measures import size_words, span_words
from openprofiles.console.pages.job_kinds import KINDS
from openprofiles.console.rendering import Page, grouped, render
from openprofiles.console.visit import ask

LEAST_FREE = 0.1
"""Which share of the disk should be free."""
MOST_CONNECTIONS = 0.8
"""Which share of the database's connections may be in use."""
LATE = timedelta(minutes=5)
"""How long due work may wait."""
BACKUP_EACH = timedelta(days=2)
"""How old the last backup may be."""
MOST_COUNTED = 10_000

blueprint = Blueprint("health", __name__)
ENTRIES = (
    Entry(
        area=Area.OPERATE,
        label="Health",
        icon="pulse",
        endpoint="health.show",
        needs_domain=False,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that wants attention: `kind` is `error` or `warning`; `jobs` are the kind and the
    state of the jobs that it is about.
    """

    kind: str
    text: str
    jobs: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A process of the service."""

    what: str
    host: str
    process_id: int
    started_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """Jobs of a kind that run, are due, or failed within a day; `url` lists the failed ones."""

    kind: str
    running: int
    due: int
    due_since: datetime | None
    failed: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthPage(Page):
    """How the service is."""

    template: ClassVar[str] = "health/show.html"
    files: ClassVar[tuple[str, ...]] = ("operate.css",)

    title: str = "Health"
    """What the page is called."""
    findings: tuple[Finding, ...]
    """What wants attention, the worst first."""
    seen_at: datetime
    """When it was looked at."""
    web_workers: int
    """How many there are."""
    job_workers: int
    """How many there are."""
    failed: int
    """How many jobs failed within a day."""
    rejected: str
    """How many rejected objects wait for somebody."""
    letters: str
    """How many wait for dead-letter queues."""
    service: tuple[tuple[str, str], ...]
    """Facts of the service."""
    database: tuple[tuple[str, str], ...]
    """Facts of the database; none for other accounts than the service's own."""
    database_since: datetime | None
    """Since when it runs; None for other accounts."""
    disk: tuple[int, int] | None
    """Bytes that are used, and all, of the disk of the data directory; None where it is not
    known.
    """
    disk_words: str
    """The same in words."""
    backup_at: datetime | None
    """When the last backup was made; None when none is known."""
    backup_words: str
    """How large it is."""
    is_own: bool
    """Whether the account is the service's own, which is told of the machine."""
    processes: tuple[Process, ...]
    """The processes on all hosts."""
    backlog: tuple[Backlog, ...]
    """What jobs have to do, by kind."""


@blueprint.get("/health")
def show() -> Response:
    """The page."""
    told, now = ask("GetServiceHealth"), datetime.now(UTC)
    database, disk, backup = told["Database"], told["Disk"], told["LastBackup"]
    processes = tuple(map(_process, told["Processes"]))
    backlog = tuple(map(_backlog, told["Backlog"]))
    page = HealthPage(
        findings=findings_of(told, now),
        seen_at=now,
        web_workers=_count(told, "web"),
        job_workers=_count(told, "jobs"),
        failed=sum(of.failed for of in backlog),
        rejected=_many(told["Rejected"]),
        letters=_many(told["Letters"]),
        service=(
            ("Version", told["Version"]),
            ("Schema of the database", told["Schema"]),
            (
                "Who may call",
                "whoever signs with an access key"
                if told["Auth"] == "sigv4"
                else "anybody who can reach it (auth is open)",
            ),
            ("HTTPS", "served" if told["HasTls"] else "not served here"),
        ),
        database=_database(database) if database else (),
        database_since=database["StartedAt"] if database else None,
        disk=(disk["Bytes"] - disk["FreeBytes"], disk["Bytes"]) if disk else None,
        disk_words=f"{size_words(disk['FreeBytes'])} of {size_words(disk['Bytes'])} free"
        if disk
        else "",
        backup_at=backup["MadeAt"] if backup else None,
        backup_words=size_words(backup["Bytes"]) if backup else "",
        is_own=database is not None,
        processes=processes,
        backlog=backlog,
    )
    return render(page)


def findings_of(told: Mapping[str, Any], now: datetime) -> tuple[Finding, ...]:
    """What is not as it should be, errors first."""
    found = (*_of_processes(told), *_of_jobs(told, now), *_of_machine(told, now))
    return tuple(sorted(found, key=lambda finding: finding.kind))


def _of_processes(told: Mapping[str, Any]) -> Iterator[Finding]:
    if not _count(told, "jobs"):
        yield Finding(
            kind="error",
            text="No job worker is alive: nothing is done but requests. It is started again by"
            " itself; if not, the log says why.",
        )
    hosts = {process["Host"] for process in told["Processes"]} or {""}
    missing = told["WebWorkers"] * len(hosts) - _count(told, "web")
    if missing > 0:
        yield Finding(
            kind="warning",
            text=f"{missing} of {told['WebWorkers'] * len(hosts)} web workers are not alive.",
        )


def _of_jobs(told: Mapping[str, Any], now: datetime) -> Iterator[Finding]:
    for kind in told["Backlog"]:
        words = KINDS[kind["Kind"]]
        if kind["FailedLately"]:
            yield Finding(
                kind="warning",
                text=f"{words}: {grouped(kind['FailedLately'])} failed within a day.",
                jobs=(kind["Kind"], "FAILED"),
            )
        if kind["DueSince"] is not None and now - kind["DueSince"] > LATE:
            late = span_words(now - kind["DueSince"])
            yield Finding(
                kind="warning",
                text=f"{words}: {grouped(kind['Due'])} due and not begun, since {late}.",
                jobs=(kind["Kind"], "WAITING"),
            )
    if told["LettersSince"] is not None and now - told["LettersSince"] > LATE:
        late = span_words(now - told["LettersSince"])
        yield Finding(
            kind="warning",
            text=f"Rejected objects wait for their dead-letter queue since {late}: the queue may"
            " take nothing.",
        )


def _of_machine(told: Mapping[str, Any], now: datetime) -> Iterator[Finding]:
    database, disk, backup = told["Database"], told["Disk"], told["LastBackup"]
    if database is None:
        return
    if disk and disk["FreeBytes"] < LEAST_FREE * disk["Bytes"]:
        yield Finding(
            kind="error",
            text=f"Only {size_words(disk['FreeBytes'])} are free on the disk of the data"
            " directory. When it is full, nothing can be written.",
        )
    if database["Connections"] > MOST_CONNECTIONS * database["MostConnections"]:
        yield Finding(
            kind="warning",
            text=f"{database['Connections']} of {database['MostConnections']} connections of the"
            " database are in use.",
        )
    if backup is None:
        yield Finding(
            kind="warning",
            text="No backup is known of. The command “openprofiles backup” makes one while the"
            " service runs; what other tools back up is not seen here.",
        )
    elif now - backup["MadeAt"] > BACKUP_EACH:
        age = span_words(now - backup["MadeAt"])
        yield Finding(kind="warning", text=f"The last backup is {age} old.")


def _count(told: Mapping[str, Any], kind: str) -> int:
    return sum(process["Kind"] == kind for process in told["Processes"])


def _many(count: int) -> str:
    return f"over {grouped(MOST_COUNTED)}" if count > MOST_COUNTED else grouped(count)


def _database(told: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    deleted = told["DeletedDomains"]
    return (
        ("PostgreSQL", f"{told['Version']}, {'embedded' if told['IsEmbedded'] else 'a server'}"),
        ("Size", size_words(told["Bytes"])),
        ("Connections", f"{told['Connections']} of {told['MostConnections']}"),
        ("Deleted domains", f"{grouped(deleted)} to clear away" if deleted else "none left"),
    )


def _process(item: Mapping[str, Any]) -> Process:
    return Process(
        what="web worker" if item["Kind"] == "web" else "job worker",
        host=item["Host"],
        process_id=item["ProcessId"],
        started_at=item["StartedAt"],
    )


def _backlog(item: Mapping[str, Any]) -> Backlog:
    return Backlog(
        kind=KINDS[item["Kind"]],
        running=item["Running"],
        due=item["Due"],
        due_since=item["DueSince"],
        failed=item["FailedLately"],
        url=url_for("jobs.index", kind=item["Kind"]),
    )
