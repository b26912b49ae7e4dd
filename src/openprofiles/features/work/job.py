"""A job of any kind: how it shows, its steps, and what ends or repeats it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from openprofiles.core.ids import Id


class Kind(StrEnum):
    """What is done."""

    IDENTITY_RESOLUTION = "IDENTITY_RESOLUTION"
    FILE_IMPORT = "FILE_IMPORT"
    COMMAND_IMPORT = "COMMAND_IMPORT"
    REPLAY = "REPLAY"
    INTEGRATION_RUN = "INTEGRATION_RUN"
    ERASURE = "ERASURE"


class Lasting(StrEnum):
    """What is done to a domain as a whole until there is nothing left to do, once at a time."""

    ENCRYPTION = "ENCRYPTION"
    RULES = "RULES"
    MATCH_INDEX = "MATCH_INDEX"


class State(StrEnum):
    """How far it is, in words that all kinds share."""

    WAITING = "WAITING"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    PARTIAL = "PARTIAL"
    FAILED = "FAILED"
    STOPPED = "STOPPED"


_OPEN = (State.WAITING, State.RUNNING)
_SHORT_OF_ITS_END = (State.PARTIAL, State.FAILED, State.STOPPED)

SEEN_BY = {
    Kind.IDENTITY_RESOLUTION: "DescribeIdentityResolutionJob",
    Kind.FILE_IMPORT: "GetFileImport",
    Kind.COMMAND_IMPORT: "GetFileImport",
    Kind.REPLAY: "GetReplay",
    Kind.INTEGRATION_RUN: "GetIntegration",
    Kind.ERASURE: "GetErasure",
    Lasting.ENCRYPTION: "GetEncryption",
    Lasting.RULES: "GetRuleMatchingStatus",
    Lasting.MATCH_INDEX: "GetDomain",
}
"""The action that lets a caller see jobs of a kind: that of looking at one alone."""

_STEPS = {
    Kind.IDENTITY_RESOLUTION: ("PENDING", "PREPROCESSING", "FIND_MATCHING", "MERGING"),
    Kind.FILE_IMPORT: ("WAITING", "RUNNING"),
    Kind.COMMAND_IMPORT: ("RUNNING",),
    Kind.REPLAY: ("RUNNING",),
    Kind.INTEGRATION_RUN: ("NOT_STARTED", "IN_PROGRESS"),
    Kind.ERASURE: ("ERASING", "LOOKING_THROUGH_REJECTED_OBJECTS"),
}
"""The steps of each kind in their order, by the names that their own operations have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job. `subject` is the object type or the integration's Uri, `step` the status of its own
    kind, `numbers` what became of what it went through, `is_apart` that it cannot be ended or
    repeated alone, `has_file` that the file of an import that failed is kept.
    """

    kind: Kind
    id: Id
    domain_name: str
    subject: str | None
    cause: str | None
    state: State
    step: str
    done: int | None
    total: int | None
    numbers: Mapping[str, int]
    message: str | None
    attempts: int | None
    moment: datetime
    began_at: datetime | None
    updated_at: datetime
    ended_at: datetime | None
    is_apart: bool
    has_file: bool = False

    def as_response(self) -> dict[str, Any]:
        """The job as our operations show it."""
        return {
            "DomainName": self.domain_name,
            "Kind": self.kind.value,
            "JobId": self.id,
            "Subject": self.subject,
            "Cause": self.cause,
            "State": self.state.value,
            "Step": self.step,
            "Done": self.done,
            "Total": self.total,
            "Numbers": dict(self.numbers),
            "Message": self.message,
            "Attempts": self.attempts,
            "StartsAt": self.moment,
            "BeganAt": self.began_at,
            "LastUpdatedAt": self.updated_at,
            "EndedAt": self.ended_at,
            "Cancel": self.cancel(),
            "Retry": self.retry(),
        }

    def steps(self) -> list[dict[str, str]]:
        """Its steps, each with how far it is: DONE, AT_HAND, FAILED, TO_COME, or UNKNOWN where it
        is not kept at which of several it ended.
        """
        names = _STEPS[self.kind]
        first, last = self._places(names)
        here = "AT_HAND" if self.state in _OPEN else "FAILED" if first == last else "UNKNOWN"
        return [
            {
                "Name": name,
                "State": "DONE" if number < first else here if number <= last else "TO_COME",
            }
            for number, name in enumerate(names)
        ]

    def _places(self, names: tuple[str, ...]) -> tuple[int, int]:
        """Between which steps it is, or ended; behind all of them when they are done."""
        place = len(names) - 1
        if self.state in (State.COMPLETED, State.PARTIAL):
            place = len(names)
        elif self.step in names:
            place = names.index(self.step)
        elif self.began_at is None:
            place = 0
        elif self.kind is Kind.IDENTITY_RESOLUTION and "Reviewed" not in self.numbers:
            # What it counted is stored when matches are found.
            return names.index("PREPROCESSING"), names.index("FIND_MATCHING")
        return place, place

    def cancel(self) -> dict[str, Any] | None:
        """The operation that ends it, None when none does."""
        if self.state not in _OPEN or self.is_apart:
            return None
        own = {
            Kind.IDENTITY_RESOLUTION: ("CancelIdentityResolutionJob", "JobId"),
            Kind.FILE_IMPORT: ("StopFileImport", "FileImportId"),
            Kind.REPLAY: ("StopReplay", "ReplayId"),
            Kind.INTEGRATION_RUN: ("StopIntegrationRun", "RunId"),
        }.get(self.kind)
        return own and self._ask(own[0], **{own[1]: self.id})

    def retry(self) -> dict[str, Any] | None:
        """The operation that does the same once more, or goes on with it; None when none does."""
        if self.state not in _SHORT_OF_ITS_END or self.is_apart:
            return None
        if self.kind is Kind.IDENTITY_RESOLUTION:
            return self._ask("StartIdentityResolutionJob")
        if self.kind is Kind.REPLAY:
            is_dry_run = self.cause == "dry run"
            return self._ask("StartReplay", ObjectTypeName=self.subject, DryRun=is_dry_run)
        if self.kind is Kind.INTEGRATION_RUN:
            return self._ask("StartIntegrationRun", Uri=self.subject)
        if self.has_file:
            return self._ask("RetryFileImport", FileImportId=self.id)
        return None

    def _ask(self, operation: str, **members: Any) -> dict[str, Any]:
        return {
            "Operation": operation,
            "Parameters": {"DomainName": self.domain_name, **members},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class LastingWork:
    """What is done to a domain as a whole."""

    kind: Lasting
    domain_name: str
    state: State
    done: int | None
    total: int | None
    began_at: datetime | None
    updated_at: datetime | None

    def as_response(self) -> dict[str, Any]:
        """The work as our operations show it."""
        return {
            "DomainName": self.domain_name,
            "Kind": self.kind.value,
            "State": self.state.value,
            "Done": self.done,
            "Total": self.total,
            "BeganAt": self.began_at,
            "LastUpdatedAt": self.updated_at,
        }
