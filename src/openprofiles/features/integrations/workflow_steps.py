"""How a workflow follows its steps: under way with the first, split, failed with one, complete with
the last, when it makes the integration that goes on from there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from openprofiles.core import ids
from openprofiles.core.errors import BadRequest
from openprofiles.core.ids import FIRST
from openprofiles.features import domains
from openprofiles.features.context import Context
from openprofiles.features.integrations import flows, putting
from openprofiles.features.integrations.run import Plan, Run, Status
from openprofiles.features.integrations.store import integrations, runs, workflows
from openprofiles.features.integrations.workflow import (
    MOST_BATCHES,
    Workflow,
    halves_of,
    shown_message,
)

_ENDED_WITH_IT = "The workflow ended before this step was done"


def follow(context: Context, domain: domains.Domain, run: Run) -> None:
    """Bring the workflow that a run is a step of to where the step is; other runs have none."""
    if run.workflow_id is None:
        return
    workflow = workflows.lock(context.transaction, domain.id, run.workflow_id)
    if workflow is None or workflow.ended_at is not None:
        return
    status, message = run.status, run.message
    if status in (Status.FAILED, Status.CANCELLED):
        runs.cancel(
            context.transaction,
            domain.id,
            workflow.id,
            message=_ENDED_WITH_IT,
            now=context.now,
        )
    elif status is Status.COMPLETE:
        status, message = _after_step(context, domain, workflow)
    workflows.update(
        context.transaction,
        domain.id,
        workflow.at(status, context.now, shown_message(message) if message else None),
    )


def split(context: Context, domain: domains.Domain, run: Run, message: str) -> bool:
    """Cut a step that could not be begun into two; False when it cannot be cut."""
    halves = halves_of(run.plan) if run.workflow_id is not None and not run.position else []
    if not halves:
        return False
    runs.update(context.transaction, domain.id, run.ended(Status.SPLIT, context.now, message))
    for step_id, plan in zip(ids.ordered_ids(context.now), halves, strict=False):
        runs.insert(context.transaction, domain.id, step_of(context, run, step_id, plan))
    follow(context, domain, replace(run, status=Status.SPLIT, message=message))
    return True


def step_of(context: Context, like: Run, step_id: str, plan: Plan) -> Run:
    """A step of the same workflow that has not begun."""
    return Run(
        id=step_id,
        uri=like.uri,
        workflow_id=like.workflow_id,
        cause="workflow",
        status=Status.NOT_STARTED,
        plan=plan,
        created_at=context.now,
        starts_at=context.now,
        updated_at=context.now,
    )


def _after_step(
    context: Context, domain: domains.Domain, workflow: Workflow
) -> tuple[Status, str | None]:
    """Where a workflow is once a step is complete: at its end with the last one."""
    steps = runs.list_of_workflow(
        context.transaction, domain.id, workflow.id, after=FIRST, limit=2 * MOST_BATCHES
    )
    if any(step.ended_at is None for step in steps):
        return Status.IN_PROGRESS, None
    if integrations.find(context.transaction, domain.id, workflow.uri) is not None:
        return Status.COMPLETE, None
    whole = [step for step in steps if step.plan.since is None and step.plan.until is None]
    try:
        putting.make(
            context,
            domain,
            uri=workflow.uri,
            members={**workflow.members, "WorkflowId": workflow.id},
            flow=_continuing(workflow, steps),
            given_tags=workflow.tags,
            # What was read as a whole is gone on with where it ended.
            bookmark=whole[-1].bookmark if whole else None,
        )
    except BadRequest as refusal:
        return Status.FAILED, refusal.message
    return Status.COMPLETE, None


def _continuing(workflow: Workflow, steps: Sequence[Run]) -> Mapping[str, Any]:
    """The flow, which goes on where the last batch ended."""
    ends = [step.plan.until for step in steps if step.plan.until is not None]
    return {**workflow.flow, flows.CONTINUES_FROM: max(ends)} if ends else workflow.flow
