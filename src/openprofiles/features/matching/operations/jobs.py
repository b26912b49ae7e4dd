"""Operations on jobs: list, look at, start."""

from typing import TYPE_CHECKING, Annotated, TypedDict

from msgspec import Meta

from openprofiles.core import paging
from openprofiles.core.errors import BadRequest, ResourceNotFound
from openprofiles.core.operation import Answer, Operation, Route, operation
from openprofiles.core.shapes import DomainName
from openprofiles.features import domains
from openprofiles.features.context import Context
from openprofiles.features.matching.cursor import after_job, before_job
from openprofiles.features.matching.job import Job, Status
from openprofiles.features.matching.pending import schedule_job
from openprofiles.features.matching.store import jobs

if TYPE_CHECKING:
    from types_boto3_customer_profiles.type_defs import (
        GetIdentityResolutionJobRequestTypeDef,
        ListIdentityResolutionJobsRequestTypeDef,
    )

DEFAULT_PAGE = 100
CANCELLED = "The job was cancelled"

JobId = Annotated[str, Meta(pattern=r"^[a-f0-9]{32}\Z")]


class StartJobRequest(TypedDict):
    """The domain to match now."""

    DomainName: DomainName


class DescribeJobRequest(TypedDict):
    """The job to look at."""

    DomainName: DomainName
    JobId: JobId


@operation("ListIdentityResolutionJobs", reads_only=True)
def list_identity_resolution_jobs(
    context: Context, request: "ListIdentityResolutionJobsRequestTypeDef"
) -> Answer:
    """The jobs of a domain, those that start latest first, the one that waits included."""
    name = request["DomainName"]
    domain = domains.require(context, name)
    scope = ("ListIdentityResolutionJobs", context.caller.account_id, name)
    cursor = paging.decode(scope, request.get("NextToken"), context.now)
    size = request.get("MaxResults") or DEFAULT_PAGE

    found = jobs.list_page(
        context.transaction, domain.id, before=before_job(cursor), limit=size + 1
    )
    page, token = paging.cut(scope, found, size, context.now, cursor_of=after_job)
    return {
        "IdentityResolutionJobsList": [job.as_list_item(name) for job in page],
        "NextToken": token,
    }


@operation("GetIdentityResolutionJob", reads_only=True)
def get_identity_resolution_job(
    context: Context, request: "GetIdentityResolutionJobRequestTypeDef"
) -> Answer:
    """A job; ResourceNotFound when there is none of this id."""
    return _require(context, request["DomainName"], request["JobId"]).as_response(
        request["DomainName"]
    )


@operation(
    "DescribeIdentityResolutionJob",
    reads_only=True,
    route=Route(
        "GET",
        "/domains/{DomainName}/identity-resolution-jobs/{JobId}",
        DescribeJobRequest,
    ),
)
def describe_identity_resolution_job(context: Context, request: DescribeJobRequest) -> Answer:
    """A job with how far the step at hand is; ResourceNotFound when there is none of this id."""
    return _require(context, request["DomainName"], request["JobId"]).as_progress(
        request["DomainName"]
    )


@operation(
    "StartIdentityResolutionJob",
    route=Route("POST", "/domains/{DomainName}/identity-resolution-jobs", StartJobRequest),
)
def start_identity_resolution_job(context: Context, request: StartJobRequest) -> Answer:
    """Have a job run as soon as a job worker is free, whatever the schedule says.

    Matching need not be enabled: then matches are found and nothing is merged. BadRequest while
    such a job waits or runs.
    """
    domain = domains.own(context, request["DomainName"])
    if running := jobs.find_unfinished(context.transaction, domain.id, "request"):
        raise BadRequest(f"Identity-resolution job {running.id} of this domain is under way")
    job = Job(
        id=context.ordered_id(),
        status=Status.PENDING,
        cause="request",
        starts_at=context.now,
        updated_at=context.now,
    )
    jobs.insert(context.transaction, domain.id, job)
    return job.as_progress(domain.name)


@operation(
    "CancelIdentityResolutionJob",
    route=Route(
        "DELETE",
        "/domains/{DomainName}/identity-resolution-jobs/{JobId}",
        DescribeJobRequest,
    ),
)
def cancel_identity_resolution_job(context: Context, request: DescribeJobRequest) -> Answer:
    """End a job that waits or runs: what it has found or merged stays, what it has not is left.

    It fails with a message that says so; a scheduled one comes again at its time. BadRequest when
    it has ended.
    """
    domain = domains.require_for_write(context, request["DomainName"])
    job = jobs.lock(context.transaction, domain.id, request["JobId"])
    if job is None:
        raise ResourceNotFound(f"Identity-resolution job {request['JobId']} does not exist")
    if job.ended_at is not None:
        raise BadRequest(f"Identity-resolution job {job.id} has ended already")
    return end(context, domain, job, Status.FAILED, CANCELLED).as_progress(domain.name)


def end(
    context: Context, domain: domains.Domain, job: Job, status: Status, message: str | None
) -> Job:
    """End a job, and have the next one waiting if it was a scheduled one."""
    job = job.ended(status, context.now, message)
    jobs.update(context.transaction, domain.id, job)
    if job.cause == "schedule" and domain.matching["Enabled"]:
        schedule_job(context, domain.id, domain.matching)
    return job


def _require(context: Context, domain_name: str, job_id: str) -> Job:
    domain = domains.require(context, domain_name)
    job = jobs.find(context.transaction, domain.id, job_id)
    if job is None:
        raise ResourceNotFound(f"Identity-resolution job {job_id} does not exist")
    return job


OPERATIONS: tuple[Operation, ...] = (
    list_identity_resolution_jobs,
    get_identity_resolution_job,
    describe_identity_resolution_job,
    start_identity_resolution_job,
    cancel_identity_resolution_job,
)
