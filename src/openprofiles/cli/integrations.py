"""`openprofiles integrations`: how integrations stand, and runs of them."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Annotated, Any

from cyclopts import App, Parameter
from rich.console import Console
from rich.status import Status
from rich.table import Column, Table

from openprofiles.cli.opening import caller_of, opened
from openprofiles.cli.options import with_connection
from openprofiles.cli.saying import console, refusing
from openprofiles.cli.writers import Writers
from openprofiles.core.settings import Settings
from openprofiles.features import integrations, transfers
from openprofiles.storage.sessions import holding

app = App(name="integrations", help="Look at integrations and their runs, start and stop runs.")

DomainOption = Annotated[str, Parameter(help="The domain whose integrations are meant.")]
Uri = Annotated[str, Parameter(help="The integration, as `integrations list` shows it.")]
RunId = Annotated[str, Parameter(help="The run, as `integrations runs` shows it.")]


def _uri() -> Column:
    return Column("Uri", overflow="fold")


@app.command(name="list")
@with_connection
@refusing
def list_all(settings: Settings, *, domain: DomainOption) -> int:
    """The integrations of a domain: when the next run is due, how the last one went."""
    with opened(settings) as application:
        answer = application.invoke(
            "ListIntegrationStates", {"DomainName": domain}, caller_of(settings, "integrations")
        )
    table = Table(_uri(), "Object type", "Next run", "Last run", "Pulled", "Rejected")
    for item in answer["Items"]:
        last = item["LastRun"] or {}
        table.add_row(
            item["Uri"],
            item["ObjectTypeName"] or "",
            _moment(item["NextRunAt"]),
            last.get("Status", ""),
            f"{last['Pulled']:,}" if last else "",
            f"{last['Rejected']:,}" if last else "",
            style="red" if last.get("Status") == "FAILED" else None,
        )
    _out().print(table)
    return 0


@app.command
@with_connection
@refusing
def runs(
    settings: Settings,
    *,
    domain: DomainOption,
    uri: Annotated[str | None, Parameter(help="Those of one integration only.")] = None,
    top: Annotated[int, Parameter(help="How many to show, up to 100.")] = 20,
) -> int:
    """The runs of a domain's integrations, the newest first."""
    request: dict[str, Any] = {"DomainName": domain, "MaxResults": max(1, min(top, 100))}
    if uri is not None:
        request["Uri"] = uri
    with opened(settings) as application:
        answer = application.invoke(
            "ListIntegrationRuns", request, caller_of(settings, "integrations")
        )
    table = Table(
        Column("Run", min_width=32),
        _uri(),
        "Cause",
        "Status",
        "Started",
        "Pulled",
        "Ingested",
        "Rejected",
    )
    for run in answer["Items"]:
        table.add_row(
            run["RunId"],
            run["Uri"],
            run["Cause"],
            run["Status"],
            _moment(run["StartedAt"]),
            f"{run['Pulled']:,}",
            f"{run['Ingested']:,}",
            f"{run['Rejected']:,}",
        )
    _out().print(table)
    return 0


@app.command
@with_connection
@refusing
def run(
    settings: Settings,
    uri: Uri,
    *,
    domain: DomainOption,
    complete: Annotated[
        bool, Parameter(negative="", help="Pull all there is, not only what is new.")
    ] = False,
) -> int:
    """Pull an integration now, in this process; Ctrl-C leaves the rest to the job worker."""
    caller = caller_of(settings, "integrations")
    request: dict[str, Any] = {"DomainName": domain, "Uri": uri}
    if complete:
        request["DataPullMode"] = "Complete"
    with (
        opened(settings) as application,
        Writers(application) as invoke,
        console.status("Pulling") as status,
    ):
        run_id = application.invoke("StartIntegrationRun", request, caller)["RunId"]
        machine = integrations.Machine(
            invoke=invoke,
            hold=partial(holding, application.database.conninfo),
            settings=settings,
            caller=caller,
            watch=partial(_watch, status),
            permits=integrations.permits_of(settings),
        )
        with transfers.tuned_for_batches():
            integrations.run_one(machine, domain, run_id, uri)
        found = application.invoke(
            "DescribeIntegrationRun", {"DomainName": domain, "RunId": run_id}, caller
        )
    _print(found)
    return 0 if found["Status"] == "COMPLETE" else 1


@app.command
@with_connection
@refusing
def show(settings: Settings, run_id: RunId, *, domain: DomainOption) -> int:
    """A run: when it began and ended, what it pulled, ingested and rejected, and why."""
    request = {"DomainName": domain, "RunId": run_id}
    with opened(settings) as application:
        _print(
            application.invoke(
                "DescribeIntegrationRun", request, caller_of(settings, "integrations")
            )
        )
    return 0


@app.command
@with_connection
@refusing
def stop(settings: Settings, run_id: RunId, *, domain: DomainOption) -> int:
    """Stop a run at its next page, or before it begins; what it has done stays done."""
    request = {"DomainName": domain, "RunId": run_id}
    with opened(settings) as application:
        found = application.invoke(
            "StopIntegrationRun", request, caller_of(settings, "integrations")
        )
    _out().print("Stopped" if found["Status"] == "CANCELLED" else "It stops at its next page")
    return 0


def _watch(status: Status, run: integrations.Run) -> None:
    status.update(f"{run.position:,} pulled, {run.ingested:,} ingested, {run.rejected:,} rejected")


def _print(run: Mapping[str, Any]) -> None:
    out = _out()
    out.print(
        f"{run['Status']}: {run['Pulled']:,} pulled, {run['Ingested']:,} ingested,"
        f" {run['Rejected']:,} rejected, {run['LeftOut']:,} left out"
    )
    if run["Error"]:
        out.print(run["Error"])
    for reason, number in sorted(run["Reasons"].items(), key=lambda entry: -entry[1]):
        out.print(f"  {number:,} × {reason}")  # noqa: RUF001 (a sign that people read)
    for name in ("Uri", "Cause", "DataPullMode", "WorkflowId", "Attempts"):
        out.print(f"{name}: {run[name]}")
    for name in ("CreatedAt", "StartsAt", "StartedAt", "LastUpdatedAt", "EndedAt"):
        out.print(f"{name}: {_moment(run[name])}")


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment is not None else ""


def _out() -> Any:
    return Console(highlight=False, markup=False, soft_wrap=True)
