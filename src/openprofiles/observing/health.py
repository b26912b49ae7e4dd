"""Health for load balancers and people: alive (this process answers), ready (its database too)."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

PREFIX = "/_openprofiles/v1/health"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What the health pages say; `check` raises one of `unavailable` when the database does not
    answer.
    """

    version: str
    check: Callable[[], Mapping[str, Any]]
    unavailable: tuple[type[Exception], ...]

    def answer(self, path: str) -> tuple[int, dict[str, Any]] | None:
        """Status and body of a health page, None when there is no such page."""
        match path.removeprefix(PREFIX).rstrip("/"):
            case "/live":
                return 200, {"status": "alive"}
            case "/ready":
                return self._ready()
            case "":
                status, summary = self._ready()
                return status, {**summary, "version": self.version}
            case _:
                return None

    def _ready(self) -> tuple[int, dict[str, Any]]:
        started = time.perf_counter()
        try:
            database = self.check()
        except self.unavailable:
            return 503, {"status": "unavailable", "database": {"status": "unreachable"}}
        milliseconds = round((time.perf_counter() - started) * 1000, 1)
        return 200, {
            "status": "ready",
            "database": {"status": "reachable", "milliseconds": milliseconds, **database},
        }
