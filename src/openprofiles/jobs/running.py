"""Runs a worker for the life of a process."""

import logging
import signal
from collections.abc import Callable, Sequence
from threading import Event

from openprofiles.jobs.schedule import Schedule
from openprofiles.storage.sessions import SessionLost

logger = logging.getLogger(__name__)

TURN_SECONDS = 15.0
"""How often a worker looks for work of workers that died."""


def run(
    conninfo: str,
    schedules: Sequence[Schedule],
    *,
    log_level: str = "warning",
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Work in this process until SIGTERM or SIGINT; `ready` is called once the worker has started.

    Raises BadSchedule, and SessionLost when the database goes away: whoever started the process
    starts it again.
    """
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    # Imported here: DBOS takes a third of a second, and only the worker's process needs it.
    from openprofiles.jobs.worker import Worker

    worker = Worker(conninfo, schedules, log_level=log_level)
    try:
        worker.start()
        ready()
        while not stop.wait(TURN_SECONDS):
            worker.turn()
    except SessionLost:
        logger.warning("The job worker lost the database")
        raise
    finally:
        worker.stop()
