"""How runs are made, put off and ended; no I/O."""

from dataclasses import replace
from datetime import datetime, timedelta

from openprofiles.features.context import Context
from openprofiles.features.integrations import flows
from openprofiles.features.integrations.integration import Integration
from openprofiles.features.integrations.run import Cause, Plan, Run, Status

MOST_ATTEMPTS = 20
"""How often a run is begun without storing a page before it has failed: with the pauses between,
about four hours.
"""

MOST_ATTEMPTS_OF_A_STEP = 4
"""A batch of a workflow is tried again three times [D23]."""

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=15)
LONGEST_WAIT = timedelta(hours=24)
"""No source makes us wait longer, whatever it says."""


def run_of(context: Context, integration: Integration, *, cause: Cause, is_complete: bool) -> Run:
    """A run of an integration that begins as soon as a worker is free."""
    is_first = integration.bookmark is None and not is_complete
    return Run(
        id=context.ordered_id(),
        uri=integration.uri,
        cause=cause,
        status=Status.NOT_STARTED,
        plan=Plan(
            is_complete=is_complete,
            since=flows.first_execution_from(integration.flow) if is_first else None,
        ),
        bookmark=None if is_complete else integration.bookmark,
        created_at=context.now,
        starts_at=context.now,
        updated_at=context.now,
    )


def stopped(run: Run, now: datetime) -> Run:
    """A run that somebody wants to stop: at once when nobody is at it, else at its next page."""
    if run.status is Status.IN_PROGRESS:
        return replace(run, is_stopping=True, updated_at=now)
    return run.ended(Status.CANCELLED, now, "Stopped by request")


def most_attempts(run: Run) -> int:
    """How often a run may be begun without storing a page."""
    return MOST_ATTEMPTS_OF_A_STEP if run.workflow_id is not None else MOST_ATTEMPTS


def next_attempt(run: Run, now: datetime, retry_after: float | None) -> datetime:
    """When a run goes on whose source does not answer: ever later, and not before the source
    wants it.
    """
    pause: timedelta = min(FIRST_PAUSE * 2 ** min(max(run.attempts - 1, 0), 16), LONGEST_PAUSE)
    if retry_after is not None:
        wanted = timedelta(seconds=min(max(retry_after, 0.0), LONGEST_WAIT.total_seconds()))
        pause = max(pause, wanted)
    return now + pause
