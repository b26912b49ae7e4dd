"""The steps of a run as operations, each in a transaction of its own; `running/` puts them
together.

A step names the process that is at the run and how many records are done. Another one may have
taken over what this one began: then it is refused, and only one of them goes on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypedDict

from openprofiles.core.errors import BadRequest, ResourceNotFound
from openprofiles.core.ids import Id
from openprofiles.core.operation import Answer, Operation, operation
from openprofiles.features import domains, object_types, transfers
from openprofiles.features.context import Context
from openprofiles.features.integrations import connections, flows, polling, starting, workflow_steps
from openprofiles.features.integrations.connections import Connection
from openprofiles.features.integrations.integration import DOMAIN, UNSTRUCTURED
from openprofiles.features.integrations.run import Part, Run, Status
from openprofiles.features.integrations.source import Source, source_of
from openprofiles.features.integrations.store import integrations, runs, workflows
from openprofiles.storage import locks

DUE_AT_ONCE = 100
RUNS_KEPT = timedelta(days=90)
ROWS_AT_ONCE = 10_000
WORN_OUT = "The run was begun {} times and did not come to its end; the service's log says why"
TAKEN_OVER = "The run was ended or taken over by another process"


class IntegrationRequest(TypedDict):
    """One integration."""

    DomainName: str
    Uri: str


class RunningRun(TypedDict):
    """A run in the hands of a process, `Runner`."""

    DomainName: str
    RunId: Id
    Runner: str


class TakeRequest(RunningRun):
    """Records that come next, of `Read` that were pulled; `Bookmark` is behind them, or `Part` says
    how much of the page behind the last bookmark is done with them.
    """

    ObjectTypeName: str
    Position: int
    Read: int
    Records: Sequence[transfers.Takable]
    Bookmark: Mapping[str, Any] | None
    Part: Part | None
    Turn: transfers.Turn


class EndRequest(RunningRun):
    """How a run ends."""

    Status: Status
    Message: str | None


class PostponeRequest(RunningRun):
    """Why a run cannot go on at the moment, and how long its source wants us to wait, if it says
    so.
    """

    Message: str
    RetryAfter: float | None


@dataclass(frozen=True, slots=True)
class Order:
    """What a run that has begun is to do."""

    domain_id: int
    source: Source
    connection: Connection | None
    object_type: str
    records_at_once: int


class Unfit(Exception):
    """A run that cannot be begun until somebody changes something; the text says what."""


@operation("ListDueIntegrations", reads_only=True)
def list_due_integrations(context: Context, _: object) -> Answer:
    """The integrations of all accounts whose schedule wants a run."""
    rows = integrations.list_due(context.transaction, now=context.now, limit=DUE_AT_ONCE)
    return {
        "Integrations": [
            {"AccountId": account, "DomainName": name, "Uri": uri} for account, name, uri in rows
        ]
    }


@operation("StartDueIntegrationRun")
def start_due_integration_run(context: Context, request: IntegrationRequest) -> Answer:
    """Make the run that an integration's schedule wants, if none is under way, and note when the
    next is due.
    """
    domain = domains.require_for_write(context, request["DomainName"])
    found = integrations.lock(context.transaction, domain.id, request["Uri"])
    if found is None or found.next_run_at is None or found.next_run_at > context.now:
        return {"IsStarted": False}
    is_free = runs.find_unfinished(context.transaction, domain.id, found.uri) is None
    if is_free:
        is_complete = flows.is_complete(found.flow)
        run = starting.run_of(context, found, cause="schedule", is_complete=is_complete)
        runs.insert(context.transaction, domain.id, run)
    integrations.set_next_run(
        context.transaction, domain.id, found.uri, polling.next_run(context, found)
    )
    return {"IsStarted": is_free}


@operation("ListDueIntegrationRuns", reads_only=True)
def list_due_integration_runs(context: Context, _: object) -> Answer:
    """The runs of all accounts that should be under way."""
    rows = runs.list_due(context.transaction, now=context.now, limit=DUE_AT_ONCE)
    return {
        "Runs": [
            {"AccountId": account, "DomainName": name, "RunId": run_id, "Uri": uri}
            for account, name, run_id, uri in rows
        ]
    }


@operation("BeginIntegrationRun")
def begin_integration_run(context: Context, request: RunningRun) -> Answer:
    """Take a run that is due, or that a process left behind: its state, and what it is to do
    (`Order`; None when it has ended here).

    BadRequest when it has ended meanwhile. One that was begun too often without getting anywhere,
    or that cannot be begun, ends here.
    """
    domain = domains.require_for_write(context, request["DomainName"])
    run = runs.lock(context.transaction, domain.id, request["RunId"])
    if run is None or run.ended_at is not None:
        raise BadRequest("The run has ended meanwhile")
    if run.is_stopping:
        return _ended(context, domain, run, Status.CANCELLED, "Stopped by request")
    most = starting.most_attempts(run)
    if run.attempts >= most:
        message = run.message or WORN_OUT.format(most)
        return _ended(context, domain, run, Status.FAILED, message)
    try:
        order = _order(context, domain, run)
    except Unfit as problem:
        return _ended(context, domain, run, Status.FAILED, str(problem))
    run = run.begun(request["Runner"], context.now)
    runs.update(context.transaction, domain.id, run)
    workflow_steps.follow(context, domain, run)
    return {"Run": run, "Order": order}


@operation("LookAtIntegrationRun", reads_only=True)
def look_at_integration_run(context: Context, request: RunningRun) -> Answer:
    """Whether a run goes on in the hands of who asks."""
    domain = domains.require(context, request["DomainName"])
    run = runs.find(context.transaction, domain.id, request["RunId"])
    return {"GoesOn": run is not None and run.runner == request["Runner"] and not run.is_stopping}


@operation("TakeIntegrationRecords", is_bulk=True)
def take_integration_records(context: Context, request: TakeRequest) -> Answer:
    """Ingest the next records of a run, and note how far its source is read: both or neither.

    BadRequest when the run is not where the request says, or in the hands of another process.
    """
    domain = domains.require_for_write(context, request["DomainName"])
    mapping = object_types.require_mapping(context, domain, request["ObjectTypeName"])
    taken = transfers.take(context, domain, mapping, request["Records"], request["Turn"])

    run = runs.lock(context.transaction, domain.id, request["RunId"])
    if (
        run is None
        or run.ended_at is not None
        or (run.runner, run.position) != (request["Runner"], request["Position"])
    ):
        raise BadRequest(TAKEN_OVER)
    tally = transfers.Tally.from_json(run.counts) if run.counts else transfers.Tally()
    taken.count(tally)
    after = replace(
        run,
        position=run.position + request["Read"],
        counts=tally.as_json(),
        bookmark=run.bookmark if request["Bookmark"] is None else request["Bookmark"],
        part=request["Part"],
        attempts=1,
        message=None,
        updated_at=context.now,
    )
    runs.update(context.transaction, domain.id, after)
    if request["Bookmark"] is not None and run.workflow_id is None and not run.plan.is_complete:
        integrations.set_bookmark(context.transaction, domain.id, run.uri, request["Bookmark"])
    return {
        "Run": after,
        "Ingested": after.ingested - run.ingested,
        "Rejected": after.rejected - run.rejected,
    }


@operation("EndIntegrationRun")
def end_integration_run(context: Context, request: EndRequest) -> Answer:
    """End a run; the last step of a workflow makes its integration."""
    # Before the domain's lock, as PutIntegration takes it: an integration may be made here.
    locks.own_account(context.transaction, context.caller.account_id)
    domain, run = _own(context, request)
    return _ended(context, domain, run, request["Status"], request["Message"])


@operation("PostponeIntegrationRun")
def postpone_integration_run(context: Context, request: PostponeRequest) -> Answer:
    """Put a run off whose source does not answer as it should; one that was put off too often ends,
    and a step of a workflow that has not read anything is split.
    """
    domain, run = _own(context, request)
    message = request["Message"]
    if run.attempts >= starting.most_attempts(run):
        if workflow_steps.split(context, domain, run, message):
            return {"Run": runs.find(context.transaction, domain.id, run.id)}
        return _ended(context, domain, run, Status.FAILED, message)
    moment = starting.next_attempt(run, context.now, request["RetryAfter"])
    run = run.postponed(moment, message, context.now)
    runs.update(context.transaction, domain.id, run)
    workflow_steps.follow(context, domain, run)
    return {"Run": run}


@operation("SweepIntegrationRuns")
def sweep_integration_runs(context: Context, _: object) -> Answer:
    """Remove a batch of the records of runs that ended 90 days ago; whether all are gone."""
    rows = runs.delete_old(context.transaction, before=context.now - RUNS_KEPT, limit=ROWS_AT_ONCE)
    return {"IsDone": rows < ROWS_AT_ONCE}


def _own(context: Context, request: RunningRun) -> tuple[domains.Domain, Run]:
    domain = domains.require_for_write(context, request["DomainName"])
    run = runs.lock(context.transaction, domain.id, request["RunId"])
    if run is None or run.ended_at is not None or run.runner != request["Runner"]:
        raise BadRequest(TAKEN_OVER)
    return domain, run


def _ended(
    context: Context, domain: domains.Domain, run: Run, status: Status, message: str | None
) -> Answer:
    run = run.ended(status, context.now, message)
    runs.update(context.transaction, domain.id, run)
    if run.is_empty:
        # A source that is looked at each minute is not to leave a row each minute.
        runs.forget_empty(context.transaction, domain.id, run)
    workflow_steps.follow(context, domain, run)
    return {"Run": run, "Order": None}


def _order(context: Context, domain: domains.Domain, run: Run) -> Order:
    """What a run is to do; raises Unfit."""
    members, flow = _definition(context, domain, run)
    object_type = members.get("ObjectTypeName")
    source = source_of(run.uri, flow, object_type)
    if source is None:
        raise Unfit("Nothing can be pulled from this source: it sends by itself")
    if members.get("Scope") == DOMAIN:
        raise Unfit("This version keeps no records of a domain's own (Scope DOMAIN)")
    if object_type in (None, UNSTRUCTURED):
        raise Unfit("Records without one ObjectTypeName cannot become objects")
    try:
        mapping = object_types.require_mapping(context, domain, object_type)
    except (BadRequest, ResourceNotFound) as problem:
        raise Unfit(problem.message) from problem
    connection = None
    if source.connection is not None:
        connection = connections.find(context.transaction, domain.id, source.connection)
        if connection is None and not source.needs_none:
            raise Unfit(f"There is no connection {source.connection}: `openprofiles connections`")
    return Order(
        domain.id, source, connection, object_type, transfers.records_at_once(context, mapping)
    )


def _definition(
    context: Context, domain: domains.Domain, run: Run
) -> tuple[Mapping[str, Any], Mapping[str, Any] | None]:
    """The members and the flow that a run belongs to; raises Unfit when they are gone."""
    if run.workflow_id is not None:
        workflow = workflows.find(context.transaction, domain.id, run.workflow_id)
        if workflow is not None:
            return workflow.members, workflow.flow
    else:
        integration = integrations.find(context.transaction, domain.id, run.uri)
        if integration is not None:
            return integration.members, integration.flow
    raise Unfit("What the run belongs to was deleted")


OPERATIONS: tuple[Operation, ...] = (
    list_due_integrations,
    start_due_integration_run,
    list_due_integration_runs,
    begin_integration_run,
    look_at_integration_run,
    take_integration_records,
    end_integration_run,
    postpone_integration_run,
    sweep_integration_runs,
)
