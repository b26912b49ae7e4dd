"""Integrations: how they stand, made and changed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from flask import Blueprint, Response, flash, request, url_for

from openprofiles.console.areas import Area, Entry
from openprofiles.console.pages.integrations_form import (
    BUCKETS,
    FLOW_KINDS,
    MODES,
    WHEN,
    Typed,
    request_of,
    typed_of,
)
from openprofiles.console.pages.integrations_runs import (
    Run,
    WorkflowRow,
    register,
    run_of,
    workflow_row_of,
)
from openprofiles.console.pages.object_type_names import names_of
from openprofiles.console.rendering import Page, render
from openprofiles.console.rights import might
from openprofiles.console.saying import plainly
from openprofiles.console.visit import ask, see_other
from openprofiles.core.errors import BadRequest, ResourceNotFound

RUNS = 20
WORKFLOWS = 20

blueprint = Blueprint("integrations", __name__)
ENTRIES = (
    Entry(area=Area.DATA_IN, label="Integrations", icon="flow", endpoint="integrations.index"),
)
register(blueprint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Integration:
    """An integration and how it stands; `name` is the end of its Uri."""

    uri: str
    name: str
    object_type: str | None
    kind: str | None
    connection: str | None
    object: str | None
    is_paused: bool
    next_run_at: datetime | None
    last: Run | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegrationsPage(Page):
    """The integrations of a domain, and the workflows that make some."""

    template: ClassVar[str] = "integrations/index.html"

    title: str = "Integrations"
    """What the page is called."""
    domain_name: str
    """The domain."""
    integrations: tuple[Integration, ...]
    """All that the person may see."""
    workflows: tuple[WorkflowRow, ...]
    """The last workflows, the newest first."""
    is_live: bool
    """Whether something is under way."""
    may_put: bool
    """Whether one may be made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcesPage(Page):
    """The kinds of sources, one of which is to be chosen."""

    template: ClassVar[str] = "integrations/kinds.html"
    files: ClassVar[tuple[str, ...]] = ("data_in.css",)

    title: str = "Make an integration"
    """What the page is called."""
    domain_name: str
    """The domain."""
    kinds: tuple[tuple[str, str], ...]
    """Those that are installed: names, and what they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewIntegrationPage(Page):
    """The form to make an integration with a source of a kind."""

    template: ClassVar[str] = "integrations/form.html"
    files: ClassVar[tuple[str, ...]] = ("data_in.css",)

    domain_name: str
    """The domain."""
    kind: str
    """The kind of source."""
    has_flow: bool
    """Whether a flow can say when and what."""
    is_buckets: bool
    """Whether its records are files in buckets."""
    connections: tuple[tuple[str, str], ...]
    """The connections of this kind, to choose one."""
    types: tuple[tuple[str, str], ...]
    """The object types, to choose one."""
    typed: Typed
    """What was typed."""
    whens: tuple[tuple[str, str], ...] = WHEN
    """When it may run: expressions, and in words."""
    modes: tuple[tuple[str, str], ...] = MODES
    """What a run may pull."""
    problem: str | None = None
    """Why it could not be made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawIntegrationPage(Page):
    """The form to make an integration as JSON."""

    template: ClassVar[str] = "integrations/raw.html"

    title: str = "Make an integration from JSON"
    """What the page is called."""
    domain_name: str
    """The domain."""
    document: str
    """What was typed."""
    problem: str | None = None
    """Why it could not be made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectsPart(Page):
    """What can be pulled through a connection, to choose from."""

    template: ClassVar[str] = "integrations/objects.html"

    title: str = "What can be pulled"
    """What the part is called."""
    objects: tuple[str, ...]
    """The names."""
    problem: str | None
    """Why the source could not be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegrationPage(Page):
    """One integration, its run under way and those before."""

    template: ClassVar[str] = "integrations/integration.html"
    files: ClassVar[tuple[str, ...]] = ("data_in.css",)

    domain_name: str
    """The domain."""
    integration: Integration
    """The integration."""
    schedule: str
    """When it runs, in words or as an expression."""
    pulls: str
    """What a run pulls, in words."""
    flow: str | None
    """Its FlowDefinition as JSON; None when it has none."""
    bookmark: str | None
    """How far incremental pulls have come, as JSON."""
    created_at: datetime
    """When it was made."""
    runs: tuple[Run, ...]
    """A page of its runs, the newest first."""
    next_token: str | None
    """Where the next page begins; None on the last one."""
    is_first: bool
    """Whether nothing comes before."""
    may_run: bool
    """Whether it may be run."""
    may_pause: bool
    """Whether it may be paused."""
    may_delete: bool
    """Whether it may be deleted."""


@blueprint.get("/domains/<domain_name>/integrations")
def index(domain_name: str) -> Response:
    """The list."""
    found = ask("ListIntegrationStates", DomainName=domain_name)["Items"]
    integrations = tuple(map(_integration, found))
    listed = ask("ListWorkflows", DomainName=domain_name, MaxResults=WORKFLOWS)["Items"]
    workflows = tuple(map(workflow_row_of, listed))
    page = IntegrationsPage(
        domain_name=domain_name,
        integrations=integrations,
        workflows=workflows,
        is_live=any(item.last and item.last.is_live for item in integrations)
        or any(item.is_live for item in workflows),
        may_put=might("PutIntegration"),
    )
    return render(page)


@blueprint.get("/domains/<domain_name>/integrations/new")
def new(domain_name: str) -> Response:
    """The kinds to choose from."""
    ask("GetDomain", DomainName=domain_name)
    return render(SourcesPage(domain_name=domain_name, kinds=_kinds()))


@blueprint.get("/domains/<domain_name>/integrations/new/<kind>")
def fill_in(domain_name: str, kind: str) -> Response:
    """The form of a kind."""
    return render(_form(domain_name, kind, typed_of(request.args)))


@blueprint.post("/domains/<domain_name>/integrations/new/<kind>")
def create(domain_name: str, kind: str) -> Response:
    """Make an integration, or a workflow that brings in what there is and makes it then."""
    typed = typed_of(request.form)
    try:
        operation, parameters = request_of(kind, typed)
        made = ask(operation, DomainName=domain_name, **parameters)
    except (BadRequest, ResourceNotFound) as error:
        return render(_form(domain_name, kind, typed, plainly(error)), status=422)
    if "WorkflowId" in made and "Uri" not in made:
        flash("The workflow is made. It brings in what there is, then the schedule.", "success")
        return see_other(
            url_for(
                "integrations.workflow", domain_name=domain_name, workflow_id=made["WorkflowId"]
            )
        )
    flash("The integration is made.", "success")
    return see_other(url_for("integrations.show", domain_name=domain_name, uri=made["Uri"]))


@blueprint.get("/domains/<domain_name>/integrations/json")
def raw(domain_name: str) -> Response:
    """The form for JSON."""
    example = {"Uri": "s3://bucket/folder", "ObjectTypeName": "Customer"}
    return render(
        RawIntegrationPage(domain_name=domain_name, document=json.dumps(example, indent=2))
    )


@blueprint.post("/domains/<domain_name>/integrations/json")
def create_raw(domain_name: str) -> Response:
    """Make or change an integration as PutIntegration would, from JSON."""
    document = request.form.get("document", "")
    try:
        made = ask("PutIntegration", **_members(document), DomainName=domain_name)
    except (BadRequest, ResourceNotFound) as error:
        page = RawIntegrationPage(
            domain_name=domain_name, document=document, problem=plainly(error)
        )
        return render(page, status=422)
    flash("The integration is made.", "success")
    return see_other(url_for("integrations.show", domain_name=domain_name, uri=made["Uri"]))


@blueprint.get("/domains/<domain_name>/integrations/objects")
def objects(domain_name: str) -> Response:
    """What can be pulled through a connection."""
    name, found, problem = request.args.get("connection", ""), [], None
    if name:
        try:
            found = ask("TestConnection", DomainName=domain_name, Name=name)["Objects"]
        except (BadRequest, ResourceNotFound) as error:
            problem = plainly(error)
    return render(ObjectsPart(objects=tuple(found), problem=problem))


@blueprint.get("/domains/<domain_name>/integrations/one")
def show(domain_name: str) -> Response:
    """One integration, called by its `uri`."""
    uri, token = request.args.get("uri", ""), request.args.get("after")
    found = ask("DescribeIntegration", DomainName=domain_name, Uri=uri)
    runs = ask(
        "ListIntegrationRuns", DomainName=domain_name, Uri=uri, MaxResults=RUNS, NextToken=token
    )
    integration = _integration(found)
    page = IntegrationPage(
        title=integration.name,
        domain_name=domain_name,
        integration=integration,
        schedule=_schedule(found),
        pulls="All there is" if found["DataPullMode"] == "Complete" else "What is new or changed",
        flow=_json(found["FlowDefinition"]),
        bookmark=_json(found["Bookmark"]),
        created_at=found["CreatedAt"],
        runs=tuple(map(run_of, runs["Items"])),
        next_token=runs.get("NextToken"),
        is_first=token is None,
        may_run=might("StartIntegrationRun"),
        may_pause=might("PauseIntegration"),
        may_delete=might("DeleteIntegration"),
    )
    return render(page)


@blueprint.post("/domains/<domain_name>/integrations/run")
def run_now(domain_name: str) -> Response:
    """Have it pulled as soon as a worker is free."""
    uri, mode = request.form.get("uri", ""), request.form.get("mode") or None
    try:
        ask("StartIntegrationRun", DomainName=domain_name, Uri=uri, DataPullMode=mode)
    except BadRequest as error:
        flash(f"{plainly(error)}.", "error")
    else:
        flash("The run begins as soon as a worker is free.", "success")
    return _back(domain_name, uri)


@blueprint.post("/domains/<domain_name>/integrations/pause")
def pause(domain_name: str) -> Response:
    """Begin no run by itself."""
    uri = request.form.get("uri", "")
    try:
        ask("PauseIntegration", DomainName=domain_name, Uri=uri)
    except BadRequest as error:
        flash(f"{plainly(error)}.", "error")
    else:
        flash("The integration is paused. A run that is under way goes on.", "success")
    return _back(domain_name, uri)


@blueprint.post("/domains/<domain_name>/integrations/resume")
def resume(domain_name: str) -> Response:
    """Run by itself again."""
    uri = request.form.get("uri", "")
    ask("ResumeIntegration", DomainName=domain_name, Uri=uri)
    flash("The integration runs by itself again.", "success")
    return _back(domain_name, uri)


@blueprint.post("/domains/<domain_name>/integrations/delete")
def delete(domain_name: str) -> Response:
    """Disconnect the source."""
    ask("DeleteIntegration", DomainName=domain_name, Uri=request.form.get("uri", ""))
    flash("The integration is deleted. What it brought stays.", "success")
    return see_other(url_for("integrations.index", domain_name=domain_name))


def _back(domain_name: str, uri: str) -> Response:
    return see_other(url_for("integrations.show", domain_name=domain_name, uri=uri))


def _form(
    domain_name: str, kind: str, typed: Typed, problem: str | None = None
) -> NewIntegrationPage:
    if kind not in dict(_kinds()):
        raise ResourceNotFound(f"No kind of source {kind} is installed")
    connections = [
        (item["Name"], item["Name"])
        for item in ask("ListConnections", DomainName=domain_name)["Items"]
        if item["Kind"] == kind
    ]
    if kind == BUCKETS:
        connections.insert(0, ("", "Where the service has its buckets"))
    return NewIntegrationPage(
        title=f"Bring in records from {kind}",
        domain_name=domain_name,
        kind=kind,
        has_flow=kind in FLOW_KINDS,
        is_buckets=kind == BUCKETS,
        connections=tuple(connections),
        types=tuple((name, name) for name in names_of(domain_name)),
        typed=typed,
        problem=problem,
    )


def _members(document: str) -> dict[str, Any]:
    try:
        members = json.loads(document)
    except (ValueError, RecursionError) as error:
        raise BadRequest("This is not JSON") from error
    if not isinstance(members, dict):
        raise BadRequest("The JSON must be an object with the members of PutIntegration")
    return {name: value for name, value in members.items() if name != "DomainName"}


def _kinds() -> tuple[tuple[str, str], ...]:
    return tuple((item["Kind"], item["Text"]) for item in ask("ListConnectorKinds")["Items"])


def _schedule(found: Mapping[str, Any]) -> str:
    expression = found.get("ScheduleExpression")
    if expression:
        zone = found.get("Timezone")
        words = dict(WHEN).get(expression, expression)
        return f"{words}, {zone}" if zone else words
    if found["SourceKind"] is None:
        return "The source sends by itself"
    return "When asked" if found["TriggerType"] == "OnDemand" else "Looked at now and then"


def _integration(item: Mapping[str, Any]) -> Integration:
    last, uri = item["LastRun"], item["Uri"]
    return Integration(
        uri=uri,
        name=uri.rpartition(":flow/")[2].rpartition("event-integration/")[2],
        object_type=item["ObjectTypeName"],
        kind=item["SourceKind"],
        connection=item["ConnectionName"],
        object=item["SourceObject"],
        is_paused=item["IsPaused"],
        next_run_at=item["NextRunAt"],
        last=run_of(last) if last else None,
    )


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, indent=2, default=str)
