"""A run: one pull of an integration's source, or one step of a workflow; what is stored of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from openprofiles.core.ids import Id

Cause = Literal["schedule", "request", "workflow"]


class Status(StrEnum):
    """The states that the service model has for workflows and their steps; runs have them too."""

    NOT_STARTED = "NOT_STARTED"
    IN_PROGRESS = "IN_PROGRESS"
    RETRY = "RETRY"
    SPLIT = "SPLIT"
    COMPLETE = "COMPLETE"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run reads: what is new, or all (`is_complete`), within bounds of its timestamps."""

    is_complete: bool = False
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What is done of the page behind the bookmark: so many records, of this digest."""

    records: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run.

    `attempts` counts beginnings since a page was stored; `runner` is the process that began it
    last: what another one still sends is refused. `position` counts the records that are done,
    those behind the `bookmark` are in `part`.
    """

    id: Id
    uri: str
    workflow_id: Id | None = None
    cause: Cause
    status: Status
    plan: Plan = field(default_factory=Plan)
    runner: str | None = None
    attempts: int = 0
    position: int = 0
    counts: Mapping[str, Any] = field(default_factory=dict)
    bookmark: Mapping[str, Any] | None = None
    part: Part | None = None
    message: str | None = None
    is_stopping: bool = False
    created_at: datetime
    starts_at: datetime
    began_at: datetime | None = None
    updated_at: datetime
    ended_at: datetime | None = None

    @property
    def rejected(self) -> int:
        """How many records were rejected."""
        return sum(entry["count"] for entry in self.counts.get("rejected", {}).values())

    @property
    def ingested(self) -> int:
        """How many records became objects."""
        return sum(self.counts.get(name, 0) for name in ("attached", "created", "updated"))

    @property
    def left_out(self) -> int:
        """How many records the tasks of the flow left out."""
        return self.position - self.ingested - self.rejected

    @property
    def is_empty(self) -> bool:
        """Whether a schedule had it look, and there was nothing."""
        is_complete = self.status is Status.COMPLETE and self.cause == "schedule"
        return is_complete and self.position == 0

    def begun(self, runner: str, now: datetime) -> "Run":
        """The run in the hands of `runner`, one attempt more."""
        return replace(
            self,
            status=Status.IN_PROGRESS,
            runner=runner,
            attempts=self.attempts + 1,
            began_at=self.began_at or now,
            updated_at=now,
        )

    def postponed(self, moment: datetime, message: str, now: datetime) -> "Run":
        """The run, to be gone on with at a moment."""
        return replace(
            self,
            status=Status.RETRY,
            runner=None,
            starts_at=moment,
            message=message,
            updated_at=now,
        )

    def ended(self, status: Status, now: datetime, message: str | None = None) -> "Run":
        """The run at its end."""
        return replace(self, status=status, message=message, updated_at=now, ended_at=now)

    def as_answer(self, domain_name: str) -> dict[str, Any]:
        """The run as people see it; no value of a record is in it."""
        return {
            "DomainName": domain_name,
            "RunId": self.id,
            "Uri": self.uri,
            "WorkflowId": self.workflow_id,
            "Cause": self.cause,
            "Status": self.status.value,
            "DataPullMode": "Complete" if self.plan.is_complete else "Incremental",
            "Pulled": self.position,
            "Ingested": self.ingested,
            "Rejected": self.rejected,
            "LeftOut": self.left_out,
            "Reasons": {
                reason: entry["count"] for reason, entry in self.counts.get("rejected", {}).items()
            },
            "Attempts": self.attempts,
            "Bookmark": self.bookmark,
            "Error": self.message,
            "CreatedAt": self.created_at,
            "StartsAt": self.starts_at,
            "StartedAt": self.began_at,
            "LastUpdatedAt": self.updated_at,
            "EndedAt": self.ended_at,
        }
