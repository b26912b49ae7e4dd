"""Operations on jobs of all kinds, beyond the AWS API: list them, look at one."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from typing import Literal, NotRequired, TypedDict, TypeVar

from openprofiles.core import paging
from openprofiles.core.errors import BadRequest, ResourceNotFound
from openprofiles.core.operation import Answer, Operation, Route, operation
from openprofiles.core.shapes import DomainName, PageSize, ProfileId, Token
from openprofiles.features import authorizing, domains, transfers
from openprofiles.features.authorizing import Target
from openprofiles.features.context import Context
from openprofiles.features.work import store
from openprofiles.features.work.job import SEEN_BY, Job, Kind, LastingWork, State
from openprofiles.features.work.store import END, Place

T = TypeVar("T", Job, LastingWork)

DEFAULT_PAGE = 50
_ID = re.compile("[0-9a-f]{32}")


class AccountJobsRequest(TypedDict):
    """The jobs of all domains; of one `Kind`, in one `State`."""

    Kind: NotRequired[
        Literal[
            "IDENTITY_RESOLUTION",
            "FILE_IMPORT",
            "COMMAND_IMPORT",
            "REPLAY",
            "INTEGRATION_RUN",
            "ERASURE",
        ]
    ]
    State: NotRequired[Literal["WAITING", "RUNNING", "COMPLETED", "PARTIAL", "FAILED", "STOPPED"]]
    MaxResults: NotRequired[PageSize]
    NextToken: NotRequired[Token]


class JobsRequest(AccountJobsRequest):
    """The same of one domain."""

    DomainName: DomainName


class JobRequest(TypedDict):
    """One job of a domain, of whatever kind."""

    DomainName: DomainName
    JobId: ProfileId


@operation(
    "ListJobs", reads_only=True, route=Route("GET", "/domains/{DomainName}/jobs", JobsRequest)
)
def list_jobs(context: Context, request: JobsRequest) -> Answer:
    """Long work of all kinds in a domain, what starts latest first: identity resolution, imports,
    replays, runs of integrations, erasures. `Lasting` has what is done to the domain as a whole at
    the moment (sealing it anew, applying its rules, filling its index of matches), on the first
    page.

    `Cancel` and `Retry` are the operations that end a job, or do the same once more (an import of a
    file that failed goes on, while its file is kept); a caller sees the kinds that it may look at.
    """
    domain = domains.require(context, request["DomainName"])
    return _list(context, request, domain.name)


@operation("ListAccountJobs", reads_only=True, route=Route("GET", "/jobs", AccountJobsRequest))
def list_account_jobs(context: Context, request: AccountJobsRequest) -> Answer:
    """The same of all domains of the account."""
    return _list(context, request, None)


@operation(
    "DescribeJob",
    reads_only=True,
    route=Route("GET", "/domains/{DomainName}/jobs/{JobId}", JobRequest),
)
def describe_job(context: Context, request: JobRequest) -> Answer:
    """A job with its steps; ResourceNotFound when there is none of this id, or the caller may not
    look at those of its kind.
    """
    domain = domains.require(context, request["DomainName"])
    account_id = context.caller.account_id
    found = store.find(
        context.transaction, account_id, domain.name, request["JobId"], now=context.now
    )
    if found is None or not _visible(context, [found]):
        raise ResourceNotFound(f"Job {request['JobId']} not found in domain {domain.name}")
    return {**_with_file(context, found).as_response(), "Steps": found.steps()}


def _list(context: Context, request: AccountJobsRequest, domain_name: str | None) -> Answer:
    account_id = context.caller.account_id
    kind, state = request.get("Kind"), request.get("State")
    scope = ("ListJobs", account_id, domain_name, kind, state)
    cursor = paging.decode(scope, request.get("NextToken"), context.now)
    size = request.get("MaxResults", DEFAULT_PAGE)

    def fetch(before: Place) -> list[Job]:
        return store.list_page(
            context.transaction,
            account_id,
            domain_name=domain_name,
            kinds=list(Kind) if kind is None else [Kind(kind)],
            state=None if state is None else State(state),
            before=before,
            limit=size + 1,
            now=context.now,
        )

    before = END if cursor is None else _place(cursor)
    seen: list[Job] = []
    while len(seen) <= size:
        found = fetch(before)
        seen += _visible(context, found)
        if len(found) <= size:
            break
        before = (found[-1].moment, found[-1].id)
    page, token = paging.cut(scope, seen, size, context.now, cursor_of=_cursor)
    is_first_of_all = cursor is None and kind is None and state is None
    lasting = (
        store.list_lasting(context.transaction, account_id, domain_name=domain_name)
        if is_first_of_all
        else []
    )
    return {
        "Items": [_with_file(context, job).as_response() for job in page],
        "Lasting": [work.as_response() for work in _visible(context, lasting)],
        "NextToken": token,
    }


def _with_file(context: Context, job: Job) -> Job:
    """The job, which knows whether it is an import that failed and whose file is kept."""
    failed = job.kind is Kind.FILE_IMPORT and job.state is State.FAILED
    return replace(job, has_file=failed and transfers.has_kept_file(context, job.id, job.moment))


def _visible(context: Context, items: Sequence[T]) -> list[T]:
    """Those that the caller may look at alone."""
    seen: list[T] = []
    for kind, group in groupby(items, key=lambda item: item.kind):
        seen += authorizing.visible(context, SEEN_BY[kind], list(group), _targets_of)
    return seen


def _targets_of(item: Job | LastingWork) -> Sequence[Target]:
    if isinstance(item, Job) and item.kind is Kind.INTEGRATION_RUN:
        return authorizing.within(item.domain_name, "integrations", str(item.subject))
    return [Target(domain_name=item.domain_name)]


def _cursor(job: Job) -> str:
    return f"{job.moment.isoformat()} {job.id}"


def _place(cursor: str) -> Place:
    moment, _, job_id = cursor.partition(" ")
    try:
        parsed = datetime.fromisoformat(moment)
    except ValueError as error:
        raise BadRequest(paging.BROKEN) from error
    if parsed.tzinfo is None or not _ID.fullmatch(job_id):
        raise BadRequest(paging.BROKEN)
    return parsed, job_id


OPERATIONS: tuple[Operation, ...] = (list_jobs, list_account_jobs, describe_job)
