"""The operations of integration workflows (extended reference §14)."""

import re
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from openprofiles.connectors import UnknownKind, require
from openprofiles.core import ids, paging
from openprofiles.core.errors import BadRequest, ResourceNotFound
from openprofiles.core.ids import FIRST, LAST
from openprofiles.core.operation import Answer, Operation, operation
from openprofiles.core.text import require_storable
from openprofiles.features import domains, tags
from openprofiles.features.context import Context
from openprofiles.features.integrations import flows, putting
from openprofiles.features.integrations.integration import resource_of
from openprofiles.features.integrations.run import Run, Status
from openprofiles.features.integrations.store import integrations, runs, workflows
from openprofiles.features.integrations.workflow import (
    MOST_BATCHES,
    TYPE,
    Workflow,
    plans_of,
    shown_message,
)
from openprofiles.storage import journal, locks

if TYPE_CHECKING:
    from types_boto3_customer_profiles.type_defs import (
        CreateIntegrationWorkflowRequestTypeDef,
        DeleteWorkflowRequestTypeDef,
        GetWorkflowRequestTypeDef,
        GetWorkflowStepsRequestTypeDef,
        ListWorkflowsRequestTypeDef,
    )

DEFAULT_PAGE = 100
_ID = re.compile(r"[a-f0-9]{32}")

DESCRIPTIONS = {
    Status.NOT_STARTED: "Waits for a job worker",
    Status.IN_PROGRESS: "Imports historical records",
    Status.RETRY: "Waits to try a step again",
    Status.SPLIT: "A step was cut into smaller ones",
    Status.COMPLETE: "All historical records are imported, and the integration is made",
    Status.FAILED: "A step failed",
    Status.CANCELLED: "Cancelled",
}


@operation("CreateIntegrationWorkflow")
def create_integration_workflow(
    context: Context, request: "CreateIntegrationWorkflowRequestTypeDef"
) -> Answer:
    """Have the history of a source imported, batch by batch, and its integration made then.

    BadRequest when a rule is broken or the flow's name is taken; ResourceNotFound when the domain
    or the object type is missing.
    """
    given = request["IntegrationConfig"].get("AppflowIntegration")
    if given is None:
        raise BadRequest("IntegrationConfig.AppflowIntegration must be given")
    require_storable("The workflow", request)
    flow: Any = given["FlowDefinition"]
    locks.own_account(context.transaction, context.caller.account_id)
    domain = domains.require_for_write(context, request["DomainName"])
    uri = putting.require_new_flow(context, flow)
    members = {"ObjectTypeName": request["ObjectTypeName"], "RoleArn": request["RoleArn"]}
    putting.require_object_types(context, domain, uri, members)
    workflow = Workflow(
        id=context.ordered_id(),
        status=Status.NOT_STARTED,
        uri=uri,
        members={**members, "IsUnstructured": False},
        tags=request.get("Tags") or {},
        flow=flow,
        created_at=context.now,
        updated_at=context.now,
    )
    plans = plans_of(
        _batches(list(given.get("Batches") or [])),
        has_timestamps=_has_timestamps(flow),
        since=flows.first_execution_from(flow),
        now=context.now,
    )
    workflows.insert(context.transaction, domain.id, workflow)
    for step_id, plan in zip(ids.ordered_ids(context.now), plans, strict=False):
        step = Run(
            id=step_id,
            uri=uri,
            workflow_id=workflow.id,
            cause="workflow",
            status=Status.NOT_STARTED,
            plan=plan,
            created_at=context.now,
            starts_at=context.now,
            updated_at=context.now,
        )
        runs.insert(context.transaction, domain.id, step)
    _note(context, domain, "workflow.created", workflow.id)
    return {
        "WorkflowId": workflow.id,
        "Message": f"The workflow was created with {len(plans)} steps",
    }


@operation("GetWorkflow", reads_only=True)
def get_workflow(context: Context, request: "GetWorkflowRequestTypeDef") -> Answer:
    """A workflow with how far it is."""
    domain = domains.require(context, request["DomainName"])
    found = _require(context, domain, request["WorkflowId"])
    steps = runs.list_of_workflow(
        context.transaction, domain.id, found.id, after=FIRST, limit=2 * MOST_BATCHES
    )
    counted = [step for step in steps if step.status is not Status.SPLIT]
    begun = [step.began_at for step in steps if step.began_at is not None]
    source = found.flow["SourceFlowConfig"]
    name = source.get("ConnectorProfileName") or flows.properties(found.flow).get("BucketName")
    return {
        "WorkflowId": found.id,
        "WorkflowType": TYPE,
        "Status": found.status.value,
        "ErrorDescription": found.message if found.status is Status.FAILED else None,
        "StartDate": min(begun) if begun else None,
        "LastUpdatedAt": max([found.updated_at, *(step.updated_at for step in steps)]),
        "Attributes": {
            "AppflowIntegration": {
                "SourceConnectorType": source["ConnectorType"],
                "ConnectorProfileName": name,
                "RoleArn": found.members["RoleArn"],
            }
        },
        "Metrics": {
            "AppflowIntegration": {
                "RecordsProcessed": sum(step.position for step in steps),
                "StepsCompleted": sum(step.status is Status.COMPLETE for step in counted),
                "TotalSteps": len(counted),
            }
        },
    }


@operation("GetWorkflowSteps", reads_only=True)
def get_workflow_steps(context: Context, request: "GetWorkflowStepsRequestTypeDef") -> Answer:
    """The steps of a workflow in the order they are done, each with how far it is."""
    domain = domains.require(context, request["DomainName"])
    found = _require(context, domain, request["WorkflowId"])
    scope = ("GetWorkflowSteps", domain.id, found.id)
    after = paging.decode_id(scope, request.get("NextToken"), context.now) or FIRST
    size = request.get("MaxResults") or DEFAULT_PAGE

    steps = runs.list_of_workflow(
        context.transaction, domain.id, found.id, after=after, limit=size + 1
    )
    page, token = paging.cut(scope, steps, size, context.now, cursor_of=attrgetter("id"))
    return {
        "WorkflowId": found.id,
        "WorkflowType": TYPE,
        "Items": [{"AppflowIntegration": _as_step(found, step)} for step in page],
        "NextToken": token,
    }


@operation("ListWorkflows", reads_only=True)
def list_workflows(context: Context, request: "ListWorkflowsRequestTypeDef") -> Answer:
    """The workflows of a domain, the newest first, by state and moment of creation."""
    domain = domains.require(context, request["DomainName"])
    since, until = request.get("QueryStartDate"), request.get("QueryEndDate")
    status = request.get("Status")
    scope = ("ListWorkflows", domain.id, status, str(since), str(until))
    before = paging.decode_id(scope, request.get("NextToken"), context.now) or LAST
    size = request.get("MaxResults") or DEFAULT_PAGE

    found = workflows.list_page(
        context.transaction,
        domain.id,
        before=before,
        limit=size + 1,
        status=status,
        since=None if since is None else flows.moment_of(since),
        until=None if until is None else flows.moment_of(until),
    )
    page, token = paging.cut(scope, found, size, context.now, cursor_of=attrgetter("id"))
    return {
        "Items": [
            {
                "WorkflowType": TYPE,
                "WorkflowId": workflow.id,
                "Status": workflow.status.value,
                "StatusDescription": workflow.message or DESCRIPTIONS[workflow.status],
                "CreatedAt": workflow.created_at,
                "LastUpdatedAt": workflow.updated_at,
            }
            for workflow in page
        ],
        "NextToken": token,
    }


@operation("DeleteWorkflow")
def delete_workflow(context: Context, request: "DeleteWorkflowRequestTypeDef") -> Answer:
    """Delete a workflow with its steps and the integration that it has made; what was imported
    stays. A step that is under way ends at its next page.
    """
    domain = domains.require_for_write(context, request["DomainName"])
    found = _require(context, domain, request["WorkflowId"])
    transaction = context.transaction
    # Steps and runs first, in the order in which those that are under way lock what they belong to.
    runs.delete_of_workflow(transaction, domain.id, found.id)
    workflows.delete(transaction, domain.id, found.id)
    made = integrations.find(transaction, domain.id, found.uri)
    if made is not None and made.members.get("WorkflowId") == found.id:
        runs.delete_of_integration(transaction, domain.id, found.uri)
        integrations.delete(transaction, domain.id, found.uri)
        tags.delete_under(context, domain.id, resource_of(found.uri))
    _note(context, domain, "workflow.deleted", found.id)
    return {}


def _require(context: Context, domain: domains.Domain, workflow_id: str) -> Workflow:
    found = None
    if _ID.fullmatch(workflow_id):
        found = workflows.find(context.transaction, domain.id, workflow_id)
    if found is None:
        raise ResourceNotFound(f"Domain {domain.name} has no workflow of this id")
    return found


def _batches(given: list[Any]) -> list[tuple[datetime, datetime]]:
    if len(given) > MOST_BATCHES:
        raise BadRequest(f"AppflowIntegration.Batches has more than {MOST_BATCHES} entries")
    batches = [
        (flows.moment_of(batch["StartTime"]), flows.moment_of(batch["EndTime"])) for batch in given
    ]
    if any(end <= start for start, end in batches):
        raise BadRequest("AppflowIntegration.Batches: EndTime must be later than StartTime")
    return batches


def _has_timestamps(flow: Any) -> bool:
    """Whether the source can tell what belongs to a batch; one that is not installed may."""
    if flows.timestamp_field(flow) is not None:
        return True
    try:
        return require(flows.connector_type(flow)).default_timestamp_field is not None
    except UnknownKind:
        return True


def _as_step(workflow: Workflow, step: Run) -> dict[str, Any]:
    since, until = step.plan.since, step.plan.until or workflow.created_at
    return {
        "FlowName": workflow.flow["FlowName"],
        "Status": step.status.value,
        "ExecutionMessage": shown_message(step.message or DESCRIPTIONS_OF_STEPS[step.status]),
        "RecordsProcessed": step.position,
        "BatchRecordsStartTime": since.isoformat() if since else "1970-01-01T00:00:00+00:00",
        "BatchRecordsEndTime": until.isoformat(),
        "CreatedAt": step.created_at,
        "LastUpdatedAt": step.updated_at,
    }


DESCRIPTIONS_OF_STEPS = {
    **DESCRIPTIONS,
    Status.IN_PROGRESS: "Under way",
    Status.COMPLETE: "All records of this batch are imported",
    Status.FAILED: "Failed",
}


def _note(context: Context, domain: domains.Domain, kind: str, subject: str) -> None:
    entry = journal.Entry(kind=kind, subject=subject)
    journal.append(context.transaction, domain.id, [entry], caller=context.caller, now=context.now)


OPERATIONS: tuple[Operation, ...] = (
    create_integration_workflow,
    get_workflow,
    get_workflow_steps,
    list_workflows,
    delete_workflow,
)
