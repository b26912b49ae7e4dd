"""Operations on runs, beyond the AWS API: list, look at, start, stop."""

from typing import Annotated, Literal, NotRequired, TypedDict

from msgspec import Meta

from openprofiles.core import paging
from openprofiles.core.errors import BadRequest, ResourceNotFound
from openprofiles.core.ids import LAST
from openprofiles.core.operation import Answer, Operation, Route, operation
from openprofiles.core.shapes import DomainName, PageSize, Token
from openprofiles.features import authorizing, domains
from openprofiles.features.context import Context
from openprofiles.features.integrations import flows, starting
from openprofiles.features.integrations.source import source_of
from openprofiles.features.integrations.store import integrations, runs

DEFAULT_PAGE = 100
PATH = "/domains/{DomainName}/integration-runs"

Uri = Annotated[str, Meta(min_length=1, max_length=255)]
RunId = Annotated[str, Meta(pattern=r"^[a-f0-9]{32}\Z")]


class StartRunRequest(TypedDict):
    """The integration whose source is to be pulled, and whether all of it or what is new."""

    DomainName: DomainName
    Uri: Uri
    DataPullMode: NotRequired[Literal["Incremental", "Complete"]]


class ListRunsRequest(TypedDict):
    """The runs of a domain, or of one of its integrations."""

    DomainName: DomainName
    Uri: NotRequired[Uri]
    MaxResults: NotRequired[PageSize]
    NextToken: NotRequired[Token]


class RunRequest(TypedDict):
    """One run."""

    DomainName: DomainName
    RunId: RunId


@operation("StartIntegrationRun", route=Route("POST", PATH, StartRunRequest))
def start_integration_run(context: Context, request: StartRunRequest) -> Answer:
    """Have the source of an integration pulled as soon as a job worker is free: what is new, or all
    with `DataPullMode` Complete.

    ResourceNotFound without such an integration; BadRequest while a run of it waits or is under
    way, or when nothing can be pulled there.
    """
    domain = domains.require_for_write(context, request["DomainName"])
    found = integrations.lock(context.transaction, domain.id, request["Uri"])
    if found is None:
        raise ResourceNotFound(f"Domain {domain.name} has no integration with this Uri")
    if source_of(found.uri, found.flow) is None:
        raise BadRequest("Nothing can be pulled from this source: it sends by itself")
    if unfinished := runs.find_unfinished(context.transaction, domain.id, found.uri):
        raise BadRequest(f"Run {unfinished.id} of this integration is not at its end")
    given = request.get("DataPullMode")
    run = starting.run_of(
        context,
        found,
        cause="request",
        is_complete=given == "Complete" if given else flows.is_complete(found.flow),
    )
    runs.insert(context.transaction, domain.id, run)
    return run.as_answer(domain.name)


@operation("StopIntegrationRun", route=Route("POST", f"{PATH}/{{RunId}}/stop", RunRequest))
def stop_integration_run(context: Context, request: RunRequest) -> Answer:
    """Have a run stop at its next page, or not begin; what it has done stays done.

    BadRequest when it has ended, or is a step of a workflow (DeleteWorkflow ends those).
    """
    domain = domains.require_for_write(context, request["DomainName"])
    run = runs.lock(context.transaction, domain.id, request["RunId"])
    if run is None:
        raise _missing(request["RunId"])
    if run.ended_at is not None or run.workflow_id is not None:
        raise BadRequest("The run has ended, or is a step of a workflow")
    run = starting.stopped(run, context.now)
    runs.update(context.transaction, domain.id, run)
    return run.as_answer(domain.name)


@operation("ListIntegrationRuns", reads_only=True, route=Route("GET", PATH, ListRunsRequest))
def list_integration_runs(context: Context, request: ListRunsRequest) -> Answer:
    """The runs of a domain or of one of its integrations, the newest first; of those integrations
    that the caller may get.
    """
    domain = domains.require(context, request["DomainName"])
    uri = request.get("Uri")
    scope = ("ListIntegrationRuns", domain.id, uri)
    before = paging.decode_id(scope, request.get("NextToken"), context.now) or LAST
    size = request.get("MaxResults") or DEFAULT_PAGE

    page, more = authorizing.visible_page(
        context,
        "GetIntegration",
        lambda before, limit: runs.list_page(
            context.transaction, domain.id, uri=uri, before=before, limit=limit
        ),
        lambda run: authorizing.within(domain.name, "integrations", run.uri),
        cursor_of=lambda run: run.id,
        after=before,
        size=size,
    )
    return {
        "Items": [run.as_answer(domain.name) for run in page],
        "NextToken": paging.encode(scope, page[-1].id, context.now) if more else None,
    }


@operation(
    "DescribeIntegrationRun", reads_only=True, route=Route("GET", f"{PATH}/{{RunId}}", RunRequest)
)
def describe_integration_run(context: Context, request: RunRequest) -> Answer:
    """A run: when it began and ended, what it pulled, ingested and rejected, how far it is."""
    domain = domains.require(context, request["DomainName"])
    run = runs.find(context.transaction, domain.id, request["RunId"])
    if run is None:
        raise _missing(request["RunId"])
    return run.as_answer(domain.name)


def _missing(run_id: str) -> ResourceNotFound:
    return ResourceNotFound(f"Integration run {run_id} does not exist")


OPERATIONS: tuple[Operation, ...] = (
    start_integration_run,
    stop_integration_run,
    list_integration_runs,
    describe_integration_run,
)
