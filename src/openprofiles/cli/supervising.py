"""The processes of `openprofiles serve`: started, started again when they die, stopped in order.

The parent that makes them by fork has one thread. A fork copies what other threads hold at that
moment but not the threads: locks that nobody gives back, and ends of pipes, which keep the reader
at the other end waiting. So all that the parent does, it does in turn, in one loop.
"""

import logging
import multiprocessing
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing.context import ForkContext, SpawnContext
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Any
from wsgiref.types import WSGIApplication

from granian.constants import Interfaces, SSLProtocols
from granian.log import LogLevels
from granian.server import MPServer
from granian.server.mp import WorkerProcess

from openprofiles.cli.ending import how_it_ended
from openprofiles.cli.listening import Certificate
from openprofiles.cli.processors import available, kept_to, processor_of
from openprofiles.core import stopping
from openprofiles.core.stopping import Stop
from openprofiles.storage.errors import CannotStart

TURN_SECONDS = 0.1
FIRST_TURN_SECONDS = 0.02
"""How long a turn takes until the service answers, since somebody waits for that."""

RESTART_SECONDS = 1.0
"""How long a process must have lived to be started again at once; so one that cannot start costs
little.
"""

READY_SECONDS = 3.0
"""After how long a new web worker answers for sure, so that its predecessor can go."""

CONNECTIONS = 4096
"""Connections that a web worker keeps; the next ones wait, and idle ones are held as long as their
clients like, so a small number would let a few clients shut out all others.
"""

SPARE_THREADS = 8
"""Threads of a web worker beside those that work and those that wait, which say so at once when
there are too many requests, and tell the health.
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

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work
        self._process: BaseProcess | None = None
        self._birth = 0.0
        self.is_misconfigured = False

    def keep_running(self) -> None:
        """Start it if it does not run; called again and again."""
        process = self._process
        if process is not None and process.is_alive():
            return
        if process is not None:
            if process.exitcode == MISCONFIGURED:
                self.is_misconfigured = True
                return
            if not _is_of_age(self._birth):
                return
            end = how_it_ended(process.exitcode)
            logger.error("The job worker %s: starting it again", end)
        self._birth = time.monotonic()
        self._process = _context().Process(target=self._work, name="openprofiles-jobs")
        with held_signals():
            self._process.start()

    def stop(self) -> None:
        """Let it finish its steps, then end it."""
        if self._process is None:
            return
        self._process.terminate()
        self._process.join(STOP_SECONDS)
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
        certificate: Certificate | None,
        stop: Stop,
        jobs: JobProcess,
        tend_database: Callable[[], None],
        announce: Callable[[], bool],
        worker_ended: Callable[[int], None],
    ) -> None:
        """`threads` are those of each worker; `announce` is called until it has told people that
        the service answers.
        """
        super().__init__(
            "openprofiles",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=threads,
            backpressure=CONNECTIONS,
            ssl_cert=certificate.chain if certificate else None,
            ssl_key=certificate.key if certificate else None,
            # AWS's endpoints take 1.2, so that is what older clients have.
            ssl_protocol_min=SSLProtocols.tls12,
            workers_kill_timeout=STOP_SECONDS,
            log_level=LogLevels.error,
            log_dictconfig=GRANIAN_LOGS,
        )
        self._processors = available()
        self._certificate = certificate
        self._stop = stop
        self._jobs = jobs
        self._tend_database = tend_database
        self._announce = announce
        self._worker_ended = worker_ended
        self.on_shutdown(jobs.stop)

    def run(self, load: Callable[[], WSGIApplication]) -> None:
        """Serve what `load` returns in each worker, until SIGTERM or SIGINT."""
        self.serve(target_loader=load, wrap_loader=False)

    def signal_handler_interrupt(self, number: int, frame: FrameType | None) -> None:
        """What granian sets as the handler of both signals, instead of the one before."""
        self._stop.note(number, frame)

    def _spawn_worker(  # type: ignore[override]  # as MPServer has it
        self, idx: int, target: Any, callback_loader: Any
    ) -> WorkerProcess:
        processor = processor_of(idx, workers=self.workers, processors=self._processors)
        if processor is not None:
            callback_loader = partial(kept_to, processor, callback_loader)
        worker = super()._spawn_worker(idx, target, callback_loader)
        # No thread of the parent waits for its end: the loop sees it.
        worker._watch = lambda: None  # type: ignore[method-assign]
        return worker

    def _spawn_workers(self, spawn_target: Any, target_loader: Any) -> None:
        with held_signals():
            super()._spawn_workers(spawn_target, target_loader)  # type: ignore[no-untyped-call]

    def _serve_loop(self, spawn_target: Any, target_loader: Any) -> None:
        is_announced = False
        while not (self._stop.is_asked or self._jobs.is_misconfigured):
            for number, worker in enumerate(self.wrks):
                if not worker.inner.is_alive() and _is_of_age(worker.birth):
                    end = how_it_ended(worker.inner.exitcode)
                    logger.error("Web worker %s %s: starting it again", number + 1, end)
                    self._worker_ended(worker.inner.pid)
                    with held_signals():
                        self._respawn_workers([number], spawn_target, target_loader)
            if self.reload_signal:
                self.reload_signal = False
                self._replace_workers(spawn_target, target_loader)
            self._tend_database()
            is_announced = is_announced or self._announce()
            if is_announced:
                # Not before, so that starting takes nothing from who answers people.
                self._jobs.keep_running()
            self._stop.wait(TURN_SECONDS if is_announced else FIRST_TURN_SECONDS)

    def _replace_workers(self, spawn_target: Any, target_loader: Any) -> None:
        """Start each worker anew, one after the other, which reads the certificate again.

        The new one answers before the old one, having finished what it has begun, is gone.
        """
        try:
            if self._certificate is not None:
                self._certificate.check()
        except CannotStart as error:
            logger.error("The web workers stay as they are: %s", error)
            return
        logger.info("Starting the web workers anew, one after the other")
        for number, old in enumerate(self.wrks):
            with held_signals():
                new = self.wrks[number] = self._spawn_worker(number, spawn_target, target_loader)
                new.start()  # type: ignore[no-untyped-call]  # theirs
            self._stop.wait(READY_SECONDS)
            end_process(old.inner)
            self._worker_ended(old.inner.pid)
            if self._stop.is_asked:
                return


def run_aside(work: Callable[[], None], stop: Stop, *, failure: str) -> None:
    """Do `work` in a process of its own, which is ended when the service is told to stop;
    CannotStart with `failure` when it fails.
    """
    process = _context().Process(target=work, name="openprofiles-aside")
    with held_signals():
        process.start()
    while process.is_alive():
        if stop.is_asked:
            end_process(process)
            return
        process.join(TURN_SECONDS)
    if process.exitcode != 0:
        raise CannotStart(failure)


@contextmanager
def held_signals() -> Iterator[None]:
    """Signals to stop wait meanwhile; in a process that is made here, until it lets them through.

    Else one that comes before that process has a handler of its own would be lost on ours.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, stopping.NUMBERS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def let_signals_through() -> None:
    """In a process that was made while they were held: be ended by SIGTERM, also an early one."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, stopping.NUMBERS)


def end_process(worker: BaseProcess) -> None:
    """Let it finish what it has begun, then end it."""
    worker.terminate()
    worker.join(STOP_SECONDS)
    if worker.is_alive():
        logger.warning("A web worker does not stop: killing it")
        worker.kill()
        worker.join()


def _is_of_age(birth: float) -> bool:
    return time.monotonic() - birth > RESTART_SECONDS


def _context() -> ForkContext | SpawnContext:
    """How granian makes its workers: by fork where that is usual, so what is loaded is shared."""
    if multiprocessing.get_start_method() == "fork":
        return multiprocessing.get_context("fork")
    return multiprocessing.get_context("spawn")
