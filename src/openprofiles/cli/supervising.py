"""The processes of `openprofiles serve`: started, started again when they die, stopped in order."""

import logging
import multiprocessing
import time
from collections.abc import Callable
from multiprocessing.context import ForkContext, SpawnContext
from multiprocessing.process import BaseProcess
from threading import Event
from typing import Any
from wsgiref.types import WSGIApplication

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import MPServer

TURN_SECONDS = 0.1
RESTART_SECONDS = 1.0
"""How long a process must have lived to be started again at once; so one that cannot start costs
little.
"""

STOP_SECONDS = 30
"""How long running requests and jobs may take to finish when the service stops."""

MISCONFIGURED = 78
"""Exit code of a process that would not do better if it were started again."""

GRANIAN_LOGS: dict[str, Any] = {
    "formatters": {},
    "handlers": {},
    "loggers": {"_granian": {"handlers": [], "propagate": True}},
}

logger = logging.getLogger(__name__)


class JobProcess:
    """The process that runs `work`; watched by the loop of the web server."""

    def __init__(self, work: Callable[[], None], *, after: Event) -> None:
        """`after` the event, so that starting takes nothing from who answers people."""
        self._work = work
        self._after = after
        self._process: BaseProcess | None = None
        self._birth = 0.0
        self.is_misconfigured = False

    def keep_running(self) -> None:
        """Start it if it does not run; called again and again."""
        process = self._process
        if not self._after.is_set() or (process is not None and process.is_alive()):
            return
        if process is not None:
            if process.exitcode == MISCONFIGURED:
                self.is_misconfigured = True
                return
            if not _is_of_age(self._birth):
                return
            logger.error("The job worker ended with %s: starting it again", process.exitcode)
        self._birth = time.monotonic()
        self._process = _context().Process(target=self._work, name="openprofiles-jobs")
        self._process.start()

    def stop(self) -> None:
        """Let it finish its steps, then end it."""
        if self._process is None:
            return
        deadline = time.monotonic() + STOP_SECONDS
        while self._process.is_alive() and time.monotonic() < deadline:
            # Again and again: one that has just begun may not listen yet.
            self._process.terminate()
            self._process.join(RESTART_SECONDS)
        if self._process.is_alive():
            logger.warning("The job worker does not stop: killing it; the next start goes on")
            self._process.kill()
            self._process.join()


class WebServer(MPServer):
    """granian with workers that are started again as often as it takes, and a job worker beside.

    Its own loop gives up when a worker dies twice within seconds, and can miss one of two that die
    at once.
    """

    def __init__(
        self,
        *,
        host: str,
        port: int,
        workers: int,
        threads: int,
        jobs: JobProcess,
        started: Callable[[], None],
        worker_ended: Callable[[int], None],
    ) -> None:
        super().__init__(
            "openprofiles",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=threads,
            workers_kill_timeout=STOP_SECONDS,
            log_level=LogLevels.error,
            log_dictconfig=GRANIAN_LOGS,
        )
        self._jobs = jobs
        self._started = started
        self._worker_ended = worker_ended
        self.on_shutdown(jobs.stop)

    def run(self, load: Callable[[], WSGIApplication]) -> None:
        """Serve what `load` returns in each worker, until SIGTERM or SIGINT."""
        self.serve(target_loader=load, wrap_loader=False)

    def _serve_loop(self, spawn_target: Any, target_loader: Any) -> None:
        self._started()
        while not self._is_over():
            self.interrupt_children.clear()
            self.main_loop_interrupt.clear()
            for number, worker in enumerate(self.wrks):
                if not worker.inner.is_alive() and _is_of_age(worker.birth):
                    logger.error("Web worker %s is gone: starting it again", number + 1)
                    self._worker_ended(worker.inner.pid)
                    self._respawn_workers([number], spawn_target, target_loader)
            self._jobs.keep_running()
            self.main_loop_interrupt.wait(TURN_SECONDS)
        # What ended while we stop is no reason to complain.
        self.interrupt_children.clear()

    def _is_over(self) -> bool:
        return self.interrupt_signal or self._jobs.is_misconfigured


def _is_of_age(birth: float) -> bool:
    return time.monotonic() - birth > RESTART_SECONDS


def _context() -> ForkContext | SpawnContext:
    """How granian makes its workers: by fork where that is usual, so what is loaded is shared."""
    if multiprocessing.get_start_method() == "fork":
        return multiprocessing.get_context("fork")
    return multiprocessing.get_context("spawn")
