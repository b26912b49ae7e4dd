"""The job that waits for its time: made, moved and removed with the domain's configuration."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from openprofiles.features.context import Context, DomainChange, ProfileChange
from openprofiles.features.matching.exporting import require_buckets
from openprofiles.features.matching.job import Job, Progress, Status
from openprofiles.features.matching.scheduling import FIRST_WITHIN, WEEK, start_of
from openprofiles.features.matching.store import jobs, matches

DEFAULT_SCHEDULE = {"DayOfTheWeek": "SATURDAY", "Time": "00:00"}


def follow_domain(context: Context, change: DomainChange) -> None:
    """Keep one job waiting for a domain with matching, none for any other.

    BadRequest when the domain newly names a bucket that cannot be written to.
    """
    require_buckets(context.settings, change)
    before, after = _block(change.before), _block(change.after)
    if not after["Enabled"]:
        if before["Enabled"]:
            jobs.delete_pending(context.transaction, change.domain_id)
        return
    if not before["Enabled"]:
        schedule_job(context, change.domain_id, after, deadline=context.now + FIRST_WITHIN)
    elif _schedule(before) != _schedule(after):
        _reschedule(context, change.domain_id, after)


def follow_profiles(context: Context, change: ProfileChange) -> None:
    """Take profiles that are gone out of their match groups."""
    if change.removed:
        matches.remove_profiles(context.transaction, change.domain_id, change.removed)


def schedule_job(
    context: Context,
    domain_id: int,
    matching: Mapping[str, Any],
    *,
    deadline: datetime | None = None,
) -> None:
    """Have the next scheduled job waiting, unless one waits or runs."""
    if jobs.find_unfinished(context.transaction, domain_id, "schedule"):
        return
    job = Job(
        id=context.ordered_id(),
        status=Status.PENDING,
        cause="schedule",
        starts_at=_start(context, domain_id, matching, deadline),
        updated_at=context.now,
        progress=Progress(deadline=deadline),
    )
    jobs.insert(context.transaction, domain_id, job)


def _reschedule(context: Context, domain_id: int, matching: Mapping[str, Any]) -> None:
    job = jobs.find_unfinished(context.transaction, domain_id, "schedule")
    if job is None or job.status is not Status.PENDING:
        return
    start = _start(context, domain_id, matching, job.progress.deadline)
    moved = replace(job, starts_at=start, updated_at=context.now)
    jobs.update(context.transaction, domain_id, moved)


def _start(
    context: Context, domain_id: int, matching: Mapping[str, Any], deadline: datetime | None
) -> datetime:
    since = context.now - WEEK - timedelta(days=1)
    earlier = jobs.list_starts(context.transaction, domain_id, since=since)
    return start_of(_schedule(matching), context.now, deadline=deadline, earlier=earlier)


def _block(configuration: Mapping[str, Any]) -> Mapping[str, Any]:
    block: Mapping[str, Any] = configuration.get("Matching") or {"Enabled": False}
    return block


def _schedule(matching: Mapping[str, Any]) -> Mapping[str, str]:
    schedule: Mapping[str, str] = matching.get("JobSchedule") or DEFAULT_SCHEDULE
    return schedule
