"""What is to be done when: a schedule, and one tick of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Event
from typing import Any, Protocol

FIELDS = ("minute", "hour", "day of month", "month", "day of week")
"""Of a cron expression."""


class BadSchedule(ValueError):
    """A schedule's cron expression cannot be read."""


class JobFailed(Exception):
    """A tick or a step of it failed; the log has the reason."""


class RunStep(Protocol):
    """Do a step once: its answer is stored, and a tick that is continued gets it from there."""

    def __call__(self, name: str, function: Callable[..., Any], *arguments: Any) -> Any: ...


@dataclass(frozen=True, slots=True)
class Tick:
    """One time that a schedule is due.

    A tick is durable: killed at any step, it goes on at that step when a worker is back.
    """

    at: datetime
    step: RunStep
    stopping: Event
    """Set when the worker has to stop: a long step ends early, and the next tick goes on."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """`function` is called with each Tick of the cron expression `cron`, in UTC, one tick at a time
    on all workers."""

    name: str
    cron: str
    function: Callable[[Tick], None]
    again_after: float | None = None
    """Seconds; a tick calls the function again and again with this pause, until the next tick."""

    @property
    def counts_seconds(self) -> bool:
        """Whether the expression has a field for seconds, in front."""
        return len(self.cron.split()) > len(FIELDS)


def looking(name: str, function: Callable[[Tick], None]) -> Schedule:
    """A schedule that looks for work each second.

    One tick a minute does all the looking: ticks that come every second would themselves be work
    for the database.
    """
    return Schedule(name, "* * * * *", function, again_after=1.0)
