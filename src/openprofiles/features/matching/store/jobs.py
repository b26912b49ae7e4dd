"""Rows of identity-resolution jobs."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

import msgspec

from openprofiles.core.ids import Id
from openprofiles.features.matching.job import FOUND, Job, Progress, Status
from openprofiles.storage.database import Row, Transaction

_COLUMNS = """
    job_id, status, message, cause, configuration, statistics, progress, model_version,
    starts_at, ended_at, updated_at, expires_at
"""


def insert(transaction: Transaction, domain_id: int, job: Job) -> None:
    """Add a job."""
    transaction.send(
        f"""
        insert into identity_resolution_jobs (domain_id, {_COLUMNS})
        values (%s, %s, %s, %s, %s, %s::jsonb, %s::jsonb, %s::jsonb, %s, %s, %s, %s, %s)
        """,
        [domain_id, job.id, *_values(job)],
    )


def update(transaction: Transaction, domain_id: int, job: Job) -> None:
    """Write all of a job."""
    transaction.send(
        """
        update identity_resolution_jobs set (
            status, message, cause, configuration, statistics, progress, model_version,
            starts_at, ended_at, updated_at, expires_at
        ) = (%s, %s, %s, %s::jsonb, %s::jsonb, %s::jsonb, %s, %s, %s, %s, %s)
        where domain_id = %s and job_id = %s
        """,
        [*_values(job), domain_id, job.id],
    )


def find(transaction: Transaction, domain_id: int, job_id: Id) -> Job | None:
    """A job, None when there is none."""
    row = transaction.row(
        f"select {_COLUMNS} from identity_resolution_jobs where domain_id = %s and job_id = %s",
        [domain_id, job_id],
    )
    return _job(row) if row else None


def count_by_hour(
    transaction: Transaction, domain_id: int, *, since: datetime, until: datetime
) -> list[tuple[datetime, int]]:
    """(hour, matches found) of the jobs that ended between two moments."""
    rows = transaction.rows(
        """
        select date_trunc('hour', ended_at, 'UTC') as hour,
            coalesce(sum((statistics ->> %s)::bigint), 0)::bigint
        from identity_resolution_jobs
        where domain_id = %s and ended_at >= %s and ended_at < %s group by hour
        """,
        [FOUND, domain_id, since, until],
    )
    return [(hour, count) for hour, count in rows]


def find_first_with_model(
    transaction: Transaction, domain_id: int, model_version: str
) -> datetime | None:
    """When the job began that learned a model, None when it is not on record."""
    row = transaction.row(
        """
        select min(starts_at) from identity_resolution_jobs
        where domain_id = %s and model_version = %s
        """,
        [domain_id, model_version],
    )
    return row[0] if row else None


def lock(transaction: Transaction, domain_id: int, job_id: Id) -> Job | None:
    """A job, which nobody else changes until this transaction ends; None when there is none."""
    row = transaction.row(
        f"""
        select {_COLUMNS} from identity_resolution_jobs
        where domain_id = %s and job_id = %s for update
        """,
        [domain_id, job_id],
    )
    return _job(row) if row else None


def find_unfinished(transaction: Transaction, domain_id: int, cause: str) -> Job | None:
    """The job of a cause that is waiting or running, None when there is none."""
    row = transaction.row(
        f"""
        select {_COLUMNS} from identity_resolution_jobs
        where domain_id = %s and cause = %s and ended_at is null order by job_id limit 1
        """,
        [domain_id, cause],
    )
    return _job(row) if row else None


def list_page(
    transaction: Transaction, domain_id: int, *, before: tuple[datetime, Id] | None, limit: int
) -> list[Job]:
    """Up to `limit` jobs of a domain, those that start latest first, those after `before`."""
    moment, job_id = before or ("infinity", "f" * 32)
    rows = transaction.rows(
        f"""
        select {_COLUMNS} from identity_resolution_jobs
        where domain_id = %s and (starts_at, job_id) < (%s::timestamptz, %s::uuid)
        order by starts_at desc, job_id desc limit %s
        """,
        [domain_id, moment, job_id, limit],
    )
    return [_job(row) for row in rows]


def list_starts(transaction: Transaction, domain_id: int, *, since: datetime) -> list[datetime]:
    """When the scheduled jobs since a moment have started."""
    rows = transaction.rows(
        """
        select starts_at from identity_resolution_jobs
        where domain_id = %s and cause = 'schedule' and status <> 'PENDING' and starts_at > %s
        """,
        [domain_id, since],
    )
    return [row[0] for row in rows]


def delete_pending(transaction: Transaction, domain_id: int) -> None:
    """Remove the jobs of a domain that have not begun."""
    transaction.send(
        "delete from identity_resolution_jobs where domain_id = %s and status = 'PENDING'",
        [domain_id],
    )


def list_due(transaction: Transaction, *, now: datetime, limit: int) -> list[Row]:
    """Jobs of all accounts that should be running: (account, domain's name, job's id).

    Those that were begun least often come first, so that one that fails holds up no other.
    """
    return transaction.rows(
        """
        select domains.account_id, domains.name, job.job_id
        from identity_resolution_jobs as job join domains using (domain_id)
        where job.ended_at is null and job.starts_at <= %s
        order by coalesce((job.progress->>'attempts')::integer, 0), job.starts_at, job.job_id
        limit %s
        """,
        [now, limit],
    )


def delete_old(transaction: Transaction, *, before: datetime, limit: int) -> int:
    """Remove up to `limit` records of jobs of all domains that ended before a moment; how many."""
    return transaction.send(
        """
        delete from identity_resolution_jobs where (domain_id, job_id) in (
            select domain_id, job_id from identity_resolution_jobs
            where ended_at < %s limit %s
        )
        """,
        [before, limit],
    ).count


def _values(job: Job) -> list[Any]:
    return [
        job.status.value,
        job.message,
        job.cause,
        _json(job.configuration),
        _json(job.statistics),
        _json({name: value for name, value in asdict(job.progress).items() if value is not None}),
        job.model_version,
        job.starts_at,
        job.ended_at,
        job.updated_at,
        job.expires_at,
    ]


def _job(row: Row) -> Job:
    job_id, status, message, cause, configuration, statistics, progress, model, *moments = row
    starts_at, ended_at, updated_at, expires_at = moments
    return Job(
        id=job_id,
        status=Status(status),
        message=message,
        cause=cause,
        configuration=configuration,
        statistics=statistics,
        progress=msgspec.convert(progress, Progress),
        model_version=model,
        starts_at=starts_at,
        ended_at=ended_at,
        updated_at=updated_at,
        expires_at=expires_at,
    )


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
