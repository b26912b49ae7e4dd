"""Runs of integrations, and workflows that bring in history: how far they are, how they went."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from flask import Blueprint, Response, flash, request, url_for

from openprofiles.console.rendering import Page, render
from openprofiles.console.rights import might
from openprofiles.console.saying import plainly
from openprofiles.console.visit import ask, see_other
from openprofiles.core.errors import BadRequest

STEPS = 100
STATES = {
    "NOT_STARTED": ("waits", "plain"),
    "IN_PROGRESS": ("under way", "busy"),
    "RETRY": ("waits to try again", "warn"),
    "SPLIT": ("cut into smaller ones", "plain"),
    "COMPLETE": ("done", "good"),
    "FAILED": ("failed", "bad"),
    "CANCELLED": ("stopped", "warn"),
}
"""Status -> in words, and its kind of badge."""

LIVE = ("NOT_STARTED", "IN_PROGRESS", "RETRY")
CAUSES = {
    "schedule": "its schedule",
    "request": "somebody asked for it",
    "workflow": "a workflow",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run; `state` is in words, with its kind of badge."""

    id: str
    uri: str
    workflow_id: str | None
    cause: str
    state: tuple[str, str]
    is_live: bool
    mode: str
    pulled: int
    ingested: int
    rejected: int
    left_out: int
    attempts: int
    error: str | None
    started_at: datetime | None
    starts_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowRow:
    """A workflow of a list."""

    id: str
    state: tuple[str, str]
    is_live: bool
    description: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A batch of a workflow."""

    state: tuple[str, str]
    message: str
    records: int
    begins: str
    ends: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPage(Page):
    """One run of an integration."""

    template: ClassVar[str] = "integrations/run.html"

    title: str = "A run"
    """What the page is called."""
    domain_name: str
    """The domain."""
    run: Run
    """The run."""
    reasons: tuple[tuple[str, int], ...]
    """Why records were rejected, the most frequent first."""
    bookmark: str | None
    """How far it has come in its source, as JSON."""
    may_stop: bool
    """Whether it may be stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowPage(Page):
    """One workflow with its steps."""

    template: ClassVar[str] = "integrations/workflow.html"

    title: str = "A workflow"
    """What the page is called."""
    domain_name: str
    """The domain."""
    id: str
    """The workflow's id."""
    state: tuple[str, str]
    """Its state in words, and the kind of badge."""
    is_live: bool
    """Whether it is not at its end."""
    problem: str | None
    """Why it failed."""
    source: str
    """The kind of its source, and the connection or bucket."""
    records: int
    """How many records it has pulled."""
    done: int
    """How many steps are done."""
    total: int
    """How many steps there are."""
    began_at: datetime | None
    """When its first step began."""
    updated_at: datetime
    """When something last happened."""
    steps: tuple[Step, ...]
    """A page of its steps, in their order."""
    next_token: str | None
    """Where the next page begins; None on the last one."""
    is_first: bool
    """Whether nothing comes before."""
    may_delete: bool
    """Whether it may be deleted."""


def register(blueprint: Blueprint) -> None:
    """Let the pages be found beside those of integrations."""
    base = "/domains/<domain_name>/integrations"
    blueprint.get(f"{base}/runs/<run_id>")(run)
    blueprint.post(f"{base}/runs/<run_id>/stop")(stop_run)
    blueprint.get(f"{base}/workflows/<workflow_id>")(workflow)
    blueprint.post(f"{base}/workflows/<workflow_id>/delete")(delete_workflow)


def run(domain_name: str, run_id: str) -> Response:
    """One run."""
    found = ask("DescribeIntegrationRun", DomainName=domain_name, RunId=run_id)
    bookmark = found["Bookmark"]
    page = RunPage(
        domain_name=domain_name,
        run=run_of(found),
        reasons=tuple(sorted(found["Reasons"].items(), key=lambda entry: -entry[1])),
        bookmark=None if bookmark is None else json.dumps(bookmark, indent=2, default=str),
        may_stop=might("StopIntegrationRun"),
    )
    return render(page)


def stop_run(domain_name: str, run_id: str) -> Response:
    """Stop one at its next page, or before it begins."""
    try:
        found = ask("StopIntegrationRun", DomainName=domain_name, RunId=run_id)
    except BadRequest as error:
        flash(f"{plainly(error)}.", "error")
    else:
        is_over = found["Status"] == "CANCELLED"
        flash("The run is stopped." if is_over else "It stops at its next page.", "success")
    return see_other(url_for("integrations.run", domain_name=domain_name, run_id=run_id))


def workflow(domain_name: str, workflow_id: str) -> Response:
    """One workflow."""
    token = request.args.get("after")
    found = ask("GetWorkflow", DomainName=domain_name, WorkflowId=workflow_id)
    steps = ask(
        "GetWorkflowSteps",
        DomainName=domain_name,
        WorkflowId=workflow_id,
        MaxResults=STEPS,
        NextToken=token,
    )
    attributes = found["Attributes"]["AppflowIntegration"]
    metrics = found["Metrics"]["AppflowIntegration"]
    page = WorkflowPage(
        domain_name=domain_name,
        id=workflow_id,
        state=STATES[found["Status"]],
        is_live=found["Status"] in LIVE,
        problem=found.get("ErrorDescription"),
        source=f"{attributes['SourceConnectorType']}, {attributes['ConnectorProfileName']}",
        records=metrics["RecordsProcessed"],
        done=metrics["StepsCompleted"],
        total=metrics["TotalSteps"],
        began_at=found.get("StartDate"),
        updated_at=found["LastUpdatedAt"],
        steps=tuple(_step(item["AppflowIntegration"]) for item in steps["Items"]),
        next_token=steps.get("NextToken"),
        is_first=token is None,
        may_delete=might("DeleteWorkflow"),
    )
    return render(page)


def delete_workflow(domain_name: str, workflow_id: str) -> Response:
    """Delete one, with the integration that it has made."""
    ask("DeleteWorkflow", DomainName=domain_name, WorkflowId=workflow_id)
    flash("The workflow is deleted. What it brought stays.", "success")
    return see_other(url_for("integrations.index", domain_name=domain_name))


def run_of(item: Mapping[str, Any]) -> Run:
    """A run as operations answer it."""
    return Run(
        id=item["RunId"],
        uri=item["Uri"],
        workflow_id=item["WorkflowId"],
        cause=CAUSES[item["Cause"]],
        state=STATES[item["Status"]],
        is_live=item["Status"] in LIVE,
        mode="All there is" if item["DataPullMode"] == "Complete" else "What is new",
        pulled=item["Pulled"],
        ingested=item["Ingested"],
        rejected=item["Rejected"],
        left_out=item["LeftOut"],
        attempts=item["Attempts"],
        error=item["Error"],
        started_at=item["StartedAt"],
        starts_at=item["StartsAt"],
        ended_at=item["EndedAt"],
    )


def workflow_row_of(item: Mapping[str, Any]) -> WorkflowRow:
    """A workflow as ListWorkflows answers it."""
    return WorkflowRow(
        id=item["WorkflowId"],
        state=STATES[item["Status"]],
        is_live=item["Status"] in LIVE or item["Status"] == "SPLIT",
        description=item["StatusDescription"],
        created_at=item["CreatedAt"],
        updated_at=item["LastUpdatedAt"],
    )


def _step(item: Mapping[str, Any]) -> Step:
    return Step(
        state=STATES[item["Status"]],
        message=item["ExecutionMessage"],
        records=item["RecordsProcessed"],
        begins=item["BatchRecordsStartTime"][:10],
        ends=item["BatchRecordsEndTime"][:10],
    )
