"""Metrics in Prometheus' text format; several worker processes add up to one total.

With the environment variable PROMETHEUS_MULTIPROC_DIR (set by `openprofiles serve`) each process
keeps its numbers in a file of that folder, where they outlive it, and whichever process is asked
reads them all.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The numbers of this process; `connections` tells how many there are, open and in use, and
    `backlog` how many rejected objects wait to be sent (empty when it is unknown).
    """

    def __init__(
        self,
        connections: Callable[[], Mapping[str, int]],
        backlog: Callable[[], Mapping[str, float]] = dict,
    ) -> None:
        self._connections = connections
        self._backlog = backlog
        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            "openprofiles_requests",
            "Requests answered.",
            ["operation", "status"],
            registry=registry,
        )
        self._seconds = Histogram(
            "openprofiles_request_seconds",
            "Time from a request's arrival at a worker to its answer.",
            ["operation"],
            buckets=SECONDS,
            registry=registry,
        )
        self._objects = Counter(
            "openprofiles_ingested_objects",
            "Profile objects that calls brought: accepted, or rejected with a reason.",
            ["outcome"],
            registry=registry,
        )
        self._pulled, self._runs = _integration_counters(registry)
        self._known: dict[tuple[str, int], tuple[Counter, Histogram]] = {}
        self._pool = Gauge(
            "openprofiles_database_connections",
            "Connections of the web workers to the database.",
            ["state"],
            registry=registry,
            multiprocess_mode="livesum",
        )
        # Whichever process is asked knows the number of all, so the last one counts.
        self._letters = Gauge(
            "openprofiles_dead_letters",
            "Rejected objects on their way to dead-letter queues: waiting, or given up.",
            ["state"],
            registry=registry,
            multiprocess_mode="mostrecent",
        )
        self._letters_age = Gauge(
            "openprofiles_dead_letters_oldest_seconds",
            "For how long the oldest of them waits.",
            registry=registry,
            multiprocess_mode="mostrecent",
        )

    def count_request(self, operation: str, status: int, seconds: float) -> None:
        """An answered request; `operation` is a name of the model, never something a caller made
        up.
        """
        found = self._known.get((operation, status))
        if found is None:
            # Looking up by labels costs the library more than counting.
            found = self._requests.labels(operation, str(status)), self._seconds.labels(operation)
            self._known[operation, status] = found
        requests, durations = found
        requests.inc()
        durations.observe(seconds)

    def count_objects(self, *, accepted: int, rejected: int) -> None:
        """Profile objects that one call brought."""
        self._objects.labels("accepted").inc(accepted)
        self._objects.labels("rejected").inc(rejected)

    def count_pulled(self, *, ingested: int, rejected: int, left_out: int) -> None:
        """Records that a run pulled."""
        self._pulled.labels("ingested").inc(ingested)
        self._pulled.labels("rejected").inc(rejected)
        self._pulled.labels("left_out").inc(left_out)

    def count_run(self, status: str) -> None:
        """A run that came to a stop."""
        self._runs.labels(status).inc()

    def text(self) -> bytes:
        """All numbers of all processes, as Prometheus reads them."""
        self.note_connections()
        self._note_backlog()
        registry = self._registry
        if FOLDER in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # theirs
        return generate_latest(registry)

    def note_connections(self) -> None:
        """Take down how many connections this process has."""
        for state, number in self._connections().items():
            self._pool.labels(state).set(number)

    def _note_backlog(self) -> None:
        backlog = self._backlog()
        if backlog:
            self._letters.labels("waiting").set(backlog["Waiting"])
            self._letters.labels("given_up").set(backlog["GivenUp"])
            self._letters_age.set(backlog["OldestSeconds"])


def _integration_counters(registry: CollectorRegistry) -> tuple[Counter, Counter]:
    """Records that were pulled, by outcome, and runs that came to a stop, by status."""
    pulled = Counter(
        "openprofiles_pulled_records",
        "Records that integrations pulled: ingested, rejected with a reason, or left out by the"
        " tasks of their flow.",
        ["outcome"],
        registry=registry,
    )
    runs = Counter(
        "openprofiles_integration_runs",
        "Runs of integrations that ended, or were put off because their source did not answer.",
        ["status"],
        registry=registry,
    )
    return pulled, runs


def forget_process(folder: Path, pid: int) -> None:
    """Drop what holds only while a process lives; what it has counted stays."""
    mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]  # theirs
