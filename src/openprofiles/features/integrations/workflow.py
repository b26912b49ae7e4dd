"""A workflow: a historical import in steps, then a schedule (extended reference §14)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from openprofiles.core.ids import Id
from openprofiles.features.integrations.run import Plan, Status

TYPE = "APPFLOW_INTEGRATION"
LONGEST_BATCH = timedelta(days=60)
"""History without given batches is cut into pieces of about two months [D23]."""

SHORTEST_BATCH = timedelta(days=1)
"""A batch that is not longer is not split."""

MOST_BATCHES = 600
LONGEST_MESSAGE = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """One workflow; `members` and `tags` are those of the integration that it makes at its end."""

    id: Id
    status: Status
    uri: str
    members: Mapping[str, Any]
    tags: Mapping[str, str]
    flow: Mapping[str, Any]
    message: str | None = None
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None = None

    def at(self, status: Status, now: datetime, message: str | None = None) -> "Workflow":
        """The workflow in another state, at its end if that is one."""
        is_end = status in (Status.COMPLETE, Status.FAILED, Status.CANCELLED)
        return replace(
            self,
            status=status,
            message=message,
            updated_at=now,
            ended_at=now if is_end else None,
        )


def plans_of(
    batches: list[tuple[datetime, datetime]] | None,
    *,
    has_timestamps: bool,
    since: datetime | None,
    now: datetime,
) -> list[Plan]:
    """The steps of a historical import, the oldest first.

    Without timestamps a source can only be read as a whole; with them by the given batches, or from
    `since` on in pieces of two months, or as a whole when nobody says from when on.
    """
    if not has_timestamps:
        return [Plan(is_complete=True)]
    if batches:
        return [Plan(is_complete=True, since=start, until=end) for start, end in sorted(batches)]
    if since is None:
        return [Plan(is_complete=True, until=now)]
    plans = []
    while since < now:
        until = min(since + LONGEST_BATCH, now)
        plans.append(Plan(is_complete=True, since=since, until=until))
        since = until
    return plans or [Plan(is_complete=True, until=now)]


def halves_of(plan: Plan) -> list[Plan]:
    """A batch as two; none when it has no bounds or is too short."""
    if plan.since is None or plan.until is None or plan.until - plan.since <= SHORTEST_BATCH:
        return []
    middle = plan.since + (plan.until - plan.since) / 2
    return [replace(plan, until=middle), replace(plan, since=middle)]


def shown_message(text: str) -> str:
    """A sentence as long as the model lets it be, never empty."""
    return text[:LONGEST_MESSAGE] or "-"
