"""The memory of a running service's processes, each known for what it is as long as it lives."""

import time
from contextlib import suppress

import psutil

from tests.acceptance.service import Service

NEW_SECONDS = 5.0
"""How long a process may take until it does what it is for: before, one cannot tell which it is."""


class Watch:
    """Looks at all processes again and again.

    One that was started in place of another gets a number of its own. What a process is, is asked
    once: whether it listens cannot be told for sure while thousands of connections come and go.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._names: dict[psutil.Process, str] = {}
        self.anew: list[str] = []
        """Those that were not there at the first look."""

    def look(self) -> dict[str, float]:
        """Megabytes of our own of each process (USS), which is what a leak would add to."""
        is_first = not self._names
        for name in self._meet():
            if not is_first:
                self.anew.append(name)
        found = {"parent": _own(self._service.parent)}
        found |= {name: _own(process) for process, name in self._names.items() if _lives(process)}
        postmaster = self._service.postmaster()
        found["database"] = sum(map(_own, [postmaster, *postmaster.children()]))
        return {name: round(megabytes, 1) for name, megabytes in found.items()}

    def _meet(self) -> list[str]:
        """Name those that are new."""
        listening, met = self._service.web_workers(), []
        others = [each for each in [self._service.job_worker()] if each is not None]
        for kind, processes in (("web worker", listening), ("job worker", others)):
            for process in sorted(processes, key=lambda one: one.pid):
                if process in self._names or _is_new(process):
                    continue
                number = 1 + sum(name.startswith(kind) for name in self._names.values())
                met.append(f"{kind} {number}")
                self._names[process] = met[-1]
        return met


def _is_new(process: psutil.Process) -> bool:
    return time.time() - float(process.create_time()) < NEW_SECONDS


def _lives(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    return False


def _own(process: psutil.Process) -> float:
    with suppress(psutil.NoSuchProcess):
        return float(process.memory_full_info().uss) / 2**20
    return 0.0
