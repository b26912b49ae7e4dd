"""Runs a worker for the life of a process."""

import logging
from collections.abc import Callable, Sequence

from openprofiles.core.collecting import set_apart
from openprofiles.core.stopping import Stop
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
    stop = Stop()
    stop.listen()
    # Imported here: DBOS takes a third of a second, and only the worker's process needs it.
    from openprofiles.jobs.worker import Worker

    worker = Worker(conninfo, schedules, log_level=log_level)
    try:
        worker.start()
        set_apart()
        ready()
        while not stop.wait(TURN_SECONDS):
            worker.turn()
    except SessionLost:
        logger.warning("The job worker lost the database")
        raise
    finally:
        worker.stop()
