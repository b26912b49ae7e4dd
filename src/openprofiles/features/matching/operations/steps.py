"""The steps of a job as operations, each in a transaction of its own; `running.py` puts them
together.

A step names the process that is at the job. Another one may have taken over what this one began:
then it is refused, and only one of them goes on.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypedDict

from openprofiles.core.errors import BadRequest
from openprofiles.core.ids import Id
from openprofiles.core.operation import Answer, Operation, operation
from openprofiles.features import domains, profiles
from openprofiles.features.context import Context
from openprofiles.features.matching.job import (
    FOUND,
    JOBS_KEPT,
    MERGED,
    MODEL_KEPT,
    MOST_ATTEMPTS,
    REVIEWED,
    Job,
    Status,
)
from openprofiles.features.matching.online import store as index
from openprofiles.features.matching.operations.jobs import end
from openprofiles.features.matching.store import decisions, jobs, matches, reviews
from openprofiles.storage.encryption import cipher_of

if TYPE_CHECKING:
    import pyarrow as pa

    from openprofiles.features.matching.finding import Found

DUE_AT_ONCE = 100
PAIRS_AT_ONCE = 10_000
ROWS_AT_ONCE = 20_000
CONFIGURATION = ("AutoMerging", "ExportingConfig")
WORN_OUT = "The job was begun {} times and did not come to its end; the service's log says why"


class RunningJob(TypedDict):
    """A job in the hands of a process, `Runner`."""

    DomainName: str
    JobId: Id
    Runner: str


class AdvanceRequest(RunningJob):
    """The step that the job goes on to, and how much there is to do in it."""

    Status: Status
    Total: int


class NoteProgressRequest(RunningJob):
    """How much of the step is done."""

    Done: int


class ReadRecordsRequest(RunningJob):
    """The profiles that come next, and what takes their records."""

    After: Id
    Limit: int
    Take: "Callable[[pa.Table], None]"


class KeepMatchesRequest(RunningJob):
    """What the engine found."""

    Found: "Found"


class EndRequest(RunningJob):
    """How the job ends, and where its matches were written."""

    Status: Status
    Message: str | None
    ExportingLocation: dict[str, Any] | None


class PageRequest(RunningJob):
    """A page of what the job needs."""

    After: tuple[Id, Id]


@operation("ListDueIdentityResolutionJobs", reads_only=True)
def list_due_jobs(context: Context, _: object) -> Answer:
    """The jobs of all accounts that should be running."""
    rows = jobs.list_due(context.transaction, now=context.now, limit=DUE_AT_ONCE)
    return {
        "Jobs": [
            {"AccountId": account, "DomainName": name, "JobId": job_id}
            for account, name, job_id in rows
        ]
    }


@operation("BeginIdentityResolutionJob")
def begin_job(context: Context, request: RunningJob) -> Answer:
    """Take a job that is due, or that a process left behind; its state.

    BadRequest when it has ended meanwhile. One that was begun too often without getting anywhere
    ends here.
    """
    domain = domains.require_for_write(context, request["DomainName"])
    job = jobs.lock(context.transaction, domain.id, request["JobId"])
    if job is None or job.ended_at is not None:
        raise BadRequest("The job has ended meanwhile")
    if job.progress.attempts >= MOST_ATTEMPTS:
        message = WORN_OUT.format(MOST_ATTEMPTS)
        return {"Job": end(context, domain, job, Status.FAILED, message)}
    cipher = cipher_of(context.transaction, domain.id)
    if cipher is not None:
        # A job without its key waits, and has not begun.
        cipher.require()
    if job.status is Status.PENDING:
        job = replace(job, configuration=_configuration(domain))
    job = job.begun(request["Runner"], context.now)
    jobs.update(context.transaction, domain.id, job)
    return {"Job": job}


@operation("AdvanceIdentityResolutionJob")
def advance_job(context: Context, request: AdvanceRequest) -> Answer:
    """Go on to the next step."""
    domain, job = own_job(context, request)
    job = job.at(request["Status"], context.now, total=request["Total"])
    jobs.update(context.transaction, domain.id, job)
    return {"Job": job}


@operation("NoteIdentityResolutionProgress")
def note_progress(context: Context, request: NoteProgressRequest) -> Answer:
    """Note how much of the step at hand is done."""
    domain, job = own_job(context, request)
    progress = replace(job.progress, done=request["Done"])
    job = replace(job, progress=progress, updated_at=context.now)
    jobs.update(context.transaction, domain.id, job)
    return {"Job": job}


@operation("ReadMatchingRecords", is_bulk=True)
def read_records(context: Context, request: ReadRecordsRequest) -> Answer:
    """Hand over the records of the next profiles; how many, and the id of the last one."""
    # Imported here, as the engine is elsewhere: only who runs jobs needs it.
    from openprofiles.features.matching import records

    # Nobody drops a data key until this transaction ends.
    domain = domains.require_for_write(context, request["DomainName"])
    lines = profiles.copy_fields(
        context.transaction,
        domain.id,
        records.PATHS,
        after=request["After"],
        limit=request["Limit"],
    )
    table = records.as_table(lines)
    request["Take"](table)
    last = table[records.ID][-1].as_py() if table.num_rows else None
    return {"IsWhole": True, "Count": table.num_rows, "Last": last}


@operation("ReadMatchingValues", is_bulk=True)
def read_values(context: Context, request: ReadRecordsRequest) -> Answer:
    """Hand over what the index of look-ups keeps of the next profiles, as ReadMatchingRecords does
    the profiles. `IsWhole` is False where it has not all of them; then nothing is handed over.
    """
    # Imported here, as the engine is elsewhere: only who runs jobs needs it.
    from openprofiles import resolution
    from openprofiles.features.matching import records

    # Nobody switches Matching off or on until this transaction ends, so the index stays whole.
    domain = domains.require_for_write(context, request["DomainName"])
    if not domain.matching["Enabled"] or not index.is_whole(context.transaction, domain.id):
        return {"IsWhole": False, "Count": 0, "Last": None}
    lines = index.copy_features(
        context.transaction, domain.id, after=request["After"], limit=request["Limit"]
    )
    table = records.as_kept_table(lines)
    request["Take"](table)
    last = table[resolution.kept.ID][-1].as_py() if table.num_rows else None
    return {"IsWhole": True, "Count": table.num_rows, "Last": last}


@operation("ReadDecisions", reads_only=True)
def read_decisions(context: Context, request: PageRequest) -> Answer:
    """Pairs that are not the same person, each as the profiles that they stand for now."""
    domain = domains.require(context, request["DomainName"])
    found = decisions.list_page(
        context.transaction, domain.id, after=request["After"], limit=PAIRS_AT_ONCE
    )
    pairs = [(decision.one, decision.other) for decision in found]
    ids = {profile_id for pair in pairs for profile_id in pair}
    standing = profiles.find_standing(context.transaction, domain.id, ids)
    return {
        "Pairs": [
            (standing[one], standing[other])
            for one, other in pairs
            if standing.get(one) != standing.get(other) and {one, other} <= standing.keys()
        ],
        "Last": pairs[-1] if len(pairs) == PAIRS_AT_ONCE else None,
    }


@operation("ReadMatchingModel", reads_only=True)
def read_model(context: Context, request: RunningJob) -> Answer:
    """The model that the last run used, None when there is none or it is old."""
    # Imported here, as the engine is elsewhere: only who runs jobs needs it.
    from openprofiles.features.matching import explaining

    domain = domains.require(context, request["DomainName"])
    model = explaining.read_model(matches.find_last_model(context.transaction, domain.id))
    if model is None:
        return {"Model": None}
    learned = jobs.find_first_with_model(context.transaction, domain.id, model.version)
    is_fresh = learned is not None and context.now - learned < MODEL_KEPT
    return {"Model": model if is_fresh else None}


@operation("KeepMatches", is_bulk=True)
def keep_matches(context: Context, request: KeepMatchesRequest) -> Answer:
    """Store what a job found, and let it take the place of what was found before: readers see the
    one or the other.
    """
    from openprofiles.features.matching import keeping

    domain, job = own_job(context, request)
    found = request["Found"]
    groups = keeping.without_gone(
        found.groups,
        lambda ids: profiles.find_existing(context.transaction, domain.id, ids),
    )
    matches.delete_results_of(context.transaction, domain.id, job.id)
    matches.copy_groups(context.transaction, keeping.as_lines(groups, domain.id, job.id))
    queue = keeping.queue(groups)
    reviews.copy(context.transaction, keeping.as_lines(queue, domain.id, job.id))
    values = keeping.as_lines(found.values, domain.id, job.id)
    matches.copy_values(context.transaction, domain.id, values)
    matches.analyze(context.transaction)
    result = matches.Result(job.id, context.now, found.size)
    model = found.model
    matches.switch(context.transaction, domain.id, result, model=model.to_json() if model else None)
    number = queue.num_rows
    job = replace(
        job.counting(**{REVIEWED: found.size, FOUND: number, MERGED: 0}),
        model_version=model.version if model else None,
        updated_at=context.now,
    ).at(Status.MERGING if job.auto_merging else job.status, context.now, total=number)
    job = job.advanced(job.progress)
    jobs.update(context.transaction, domain.id, job)
    return {"Job": job}


@operation("ForgetMatches")
def forget_matches(context: Context, request: RunningJob) -> Answer:
    """Remove a batch of what an earlier run found; whether all is gone."""
    domain = domains.require_for_write(context, request["DomainName"])
    rows = matches.delete_others(
        context.transaction, domain.id, request["JobId"], limit=ROWS_AT_ONCE
    )
    return {"IsDone": rows < ROWS_AT_ONCE}


@operation("EndIdentityResolutionJob")
def end_job(context: Context, request: EndRequest) -> Answer:
    """End a job, and have the next one waiting if it was a scheduled one."""
    domain, job = own_job(context, request)
    if location := request["ExportingLocation"]:
        configuration = {**job.configuration, "ExportingLocation": location}
        job = replace(job, configuration=configuration)
    job = end(context, domain, job, request["Status"], request["Message"])
    return {"Job": job}


@operation("SweepMatches")
def sweep_matches(context: Context, _: object) -> Answer:
    """Remove a batch of what is over in any domain: results that have expired, records of jobs that
    ended a year ago; whether all is gone.
    """
    transaction = context.transaction
    rows = jobs.delete_old(transaction, before=context.now - JOBS_KEPT, limit=ROWS_AT_ONCE)
    domain_id = matches.find_expired(transaction, now=context.now)
    if domain_id is None:
        return {"IsDone": rows < ROWS_AT_ONCE}
    if matches.delete_others(transaction, domain_id, None, limit=ROWS_AT_ONCE) < ROWS_AT_ONCE:
        matches.delete_models(transaction, domain_id)
    return {"IsDone": False}


def own_job(context: Context, request: RunningJob) -> tuple[domains.Domain, Job]:
    """The job, which is still in the hands of who asks; BadRequest otherwise."""
    domain = domains.require_for_write(context, request["DomainName"])
    job = jobs.lock(context.transaction, domain.id, request["JobId"])
    if job is None or job.ended_at is not None or job.progress.runner != request["Runner"]:
        raise BadRequest("The job was ended or taken over by another process")
    return domain, job


def _configuration(domain: domains.Domain) -> dict[str, Any]:
    """What a job runs with: changes made later hold for the next one."""
    matching = domain.matching
    if not matching["Enabled"]:
        return {}
    return {name: matching[name] for name in CONFIGURATION if matching.get(name)}


OPERATIONS: tuple[Operation, ...] = (
    list_due_jobs,
    begin_job,
    advance_job,
    note_progress,
    read_records,
    read_values,
    read_decisions,
    read_model,
    keep_matches,
    forget_matches,
    end_job,
    sweep_matches,
)
