"""An identity-resolution job: what is stored of it, and how it shows (core reference §8.1)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

from openprofiles.core.ids import Id

RESULTS_KEPT = timedelta(days=7)
MODEL_KEPT = timedelta(days=28)
"""How long runs use a model until one learns anew: what sources send changes slowly."""

JOBS_KEPT = timedelta(days=365)
MOST_ATTEMPTS = 5
"""How often a job is begun without storing a result before it has failed: a worker may die at any
time, and some jobs may be too much for any worker.
"""

REVIEWED, FOUND, MERGED = (
    "NumberOfProfilesReviewed",
    "NumberOfMatchesFound",
    "NumberOfMergesDone",
)


class Status(StrEnum):
    """The states that AWS documents, in their order."""

    PENDING = "PENDING"
    PREPROCESSING = "PREPROCESSING"
    FIND_MATCHING = "FIND_MATCHING"
    MERGING = "MERGING"
    COMPLETED = "COMPLETED"
    PARTIAL_SUCCESS = "PARTIAL_SUCCESS"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the step at hand is, and who is at it.

    `attempts` counts the beginnings since the job last stored a result, `runner` is the process
    that began it last: what another one still sends is refused. `merged_up_to` is the last match
    that was merged or left alone, `failed` says how many could not be merged. `deadline` is when
    the first job after enabling starts at the latest.
    """

    done: int = 0
    total: int = 0
    attempts: int = 0
    runner: str | None = None
    merged_up_to: int = -1
    failed: int = 0
    began_at: datetime | None = None
    deadline: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One run, or one to come; `configuration` is what the domain had when it began."""

    id: Id
    status: Status
    cause: Literal["schedule", "request"]
    starts_at: datetime
    updated_at: datetime
    message: str | None = None
    configuration: Mapping[str, Any] = field(default_factory=dict)
    statistics: Mapping[str, int] = field(default_factory=dict)
    progress: Progress = field(default_factory=Progress)
    model_version: str | None = None
    ended_at: datetime | None = None
    expires_at: datetime | None = None

    @property
    def auto_merging(self) -> Mapping[str, Any] | None:
        """The AutoMerging block the job runs with, None when it merges nothing."""
        block: Mapping[str, Any] | None = self.configuration.get("AutoMerging")
        return block if block and block["Enabled"] else None

    def begun(self, runner: str, now: datetime) -> "Job":
        """The job in the hands of `runner`, one attempt more."""
        status = Status.PREPROCESSING if self.status is Status.PENDING else self.status
        progress = replace(
            self.progress,
            runner=runner,
            attempts=self.progress.attempts + 1,
            began_at=self.progress.began_at or now,
        )
        starts_at = now if self.status is Status.PENDING else self.starts_at
        return replace(self, status=status, progress=progress, starts_at=starts_at, updated_at=now)

    def at(self, status: Status, now: datetime, *, total: int = 0) -> "Job":
        """The job at the beginning of a step, which its runner goes on with."""
        progress = replace(self.progress, done=0, total=total, began_at=now)
        return replace(self, status=status, progress=progress, updated_at=now)

    def advanced(self, progress: Progress) -> "Job":
        """The job with a result stored: whoever begins it again goes on from here."""
        return replace(self, progress=replace(progress, attempts=1))

    def counting(self, **counts: int) -> "Job":
        """The job with statistics set."""
        return replace(self, statistics={**self.statistics, **counts})

    def ended(self, status: Status, now: datetime, message: str | None = None) -> "Job":
        """The job at its end; its results are kept for RESULTS_KEPT."""
        return replace(
            self,
            status=status,
            message=message,
            ended_at=now,
            updated_at=now,
            expires_at=now + RESULTS_KEPT,
        )

    def as_list_item(self, domain_name: str) -> dict[str, Any]:
        """The job in the shape of an item of ListIdentityResolutionJobs."""
        return {
            "DomainName": domain_name,
            "JobId": self.id,
            "Status": self.status.value,
            "JobStartTime": self.starts_at,
            "JobEndTime": self.ended_at,
            "JobStats": {name: self.statistics.get(name, 0) for name in (REVIEWED, FOUND, MERGED)},
            "ExportingLocation": self.configuration.get("ExportingLocation"),
            "Message": self.message,
        }

    def as_response(self, domain_name: str) -> dict[str, Any]:
        """The job in the shape of GetIdentityResolutionJob."""
        return {
            **self.as_list_item(domain_name),
            "LastUpdatedAt": self.updated_at,
            "JobExpirationTime": self.expires_at,
            "AutoMerging": self.configuration.get("AutoMerging"),
        }

    def as_progress(self, domain_name: str) -> dict[str, Any]:
        """The job with how far its step is, for DescribeIdentityResolutionJob."""
        progress = self.progress
        return {
            **self.as_response(domain_name),
            "Cause": self.cause,
            "ModelVersion": self.model_version,
            "Progress": {
                "Done": progress.done,
                "Total": progress.total,
                "Attempts": progress.attempts,
                "BeganAt": progress.began_at,
                "MatchesNotMerged": progress.failed,
            },
        }
