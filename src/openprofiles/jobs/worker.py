"""A worker: takes due ticks from the database and runs them, each once, until it is told to
stop."""

import logging
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

from dbos import DBOS, DBOSConfig, ScheduleInput, error

from openprofiles.jobs.schedule import BadSchedule, JobFailed, Schedule, Tick
from openprofiles.jobs.seats import Seat
from openprofiles.storage.sessions import as_url

logger = logging.getLogger(__name__)

SCHEMA = "openprofiles_jobs"
"""The schema of the tables of DBOS, beside ours."""

VERSION = "1"
"""Of the durable work: a worker goes on with work of its own version only. Change it when stored
steps change."""

KEEP = timedelta(days=1)
"""How long the record of a finished tick is kept: there are some fifty thousand a day, and nobody
asks for them but who looks for the cause of a failure.
"""

HOUSEKEEPING = "17 * * * *"
"""Each hour: a worker that stands still at night forgets as others do."""

POLL_SECONDS, SLOW_POLL_SECONDS = 5.0, 15.0
"""How often a queue is asked for ticks, of a schedule in seconds and of one in minutes: asking
takes three statements and some 8 ms of a processor, and there are more than a dozen queues.
"""

LOOK_FOR = timedelta(seconds=75)
"""How long after its moment a tick still looks for work that looks for it again and again: the next
one comes after a minute, give or take what DBOS adds by chance, and waits for this one to end.
"""

THREADS = 16
"""As many ticks at once as there are schedules, roughly: those that look for work hold one each."""

STOP_SECONDS = 10
"""How long a running step may take to notice that the worker stops; what is not done goes on at the
next start."""


class Worker:
    """The one worker of a process, on the database at `conninfo`; `start`, then `turn` now and
    then, then `stop`.
    """

    def __init__(
        self, conninfo: str, schedules: Sequence[Schedule], *, log_level: str = "warning"
    ) -> None:
        housekeeping = Schedule("housekeeping", HOUSEKEEPING, lambda tick: forget(tick.at - KEEP))
        self._conninfo = conninfo
        self._schedules = {schedule.name: schedule for schedule in (*schedules, housekeeping)}
        self._log_level = log_level.upper()
        self._seat: Seat | None = None
        self._stopping = Event()

    def start(self) -> None:
        """Sit down, make the tables when they are missing, set the schedules, and begin.

        Raises SessionLost, and BadSchedule when a cron expression cannot be read; `stop` then.
        """
        _hand_logs_over()
        self._seat = Seat(self._conninfo)
        DBOS(config=self._configuration(self._seat.name))

        @DBOS.workflow(name="tick")
        def run_tick(at: datetime, name: str) -> None:
            self._run_tick(at, name)

        DBOS.launch()
        try:
            self._set_schedules(run_tick)
        except error.DBOSException as refusal:
            raise BadSchedule(f"A schedule cannot be set ({refusal})") from refusal

    def turn(self) -> None:
        """Take over what workers left behind that died; raises SessionLost when this worker has
        lost its seat."""
        seat = self._require_seat()
        seat.check()
        pending = DBOS.list_workflows(
            status="PENDING", app_version=VERSION, load_input=False, load_output=False
        )
        left: dict[str, list[str]] = {}
        for workflow in pending:
            left.setdefault(workflow.executor_id or "", []).append(workflow.workflow_id)

        def resume(left_seat: str) -> None:
            logger.warning(
                "Going on with the jobs of a worker that died", extra={"seat": left_seat}
            )
            # Asked again under the lock: what the list said may have been finished or taken over
            # meanwhile.
            for workflow in DBOS.list_workflows(
                workflow_ids=left[left_seat],
                status="PENDING",
                executor_id=left_seat,
                load_input=False,
            ):
                DBOS.resume_workflow(workflow.workflow_id, queue_name=workflow.queue_name)

        seat.take_over(left, resume)

    def stop(self) -> None:
        """Let running steps end early, then close; what is not done by then goes on at the next
        start."""
        self._stopping.set()
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=STOP_SECONDS)
        if self._seat is not None:
            self._seat.leave()

    def _require_seat(self) -> Seat:
        if self._seat is None:
            raise AssertionError("A worker takes its turn after it has started")
        return self._seat

    def _set_schedules(self, run_tick: Callable[[datetime, str], None]) -> None:
        for name, schedule in self._schedules.items():
            # One at a time on all workers: a tick that takes long delays the next one and does not
            # meet it.
            DBOS.register_queue(
                f"schedule-{name}",
                global_concurrency=1,
                polling_interval_sec=(
                    POLL_SECONDS if schedule.counts_seconds else SLOW_POLL_SECONDS
                ),
            )
        for known in DBOS.list_schedules():
            if known["schedule_name"] not in self._schedules:
                DBOS.delete_schedule(known["schedule_name"])
        DBOS.apply_schedules(
            [
                ScheduleInput(
                    schedule_name=schedule.name,
                    workflow_fn=run_tick,
                    schedule=schedule.cron,
                    context=schedule.name,
                    queue_name=f"schedule-{schedule.name}",
                )
                for schedule in self._schedules.values()
            ]
        )
        for name, schedule in self._schedules.items():
            if schedule.again_after is not None:
                # What waits for a worker does not wait for the full minute as well.
                DBOS.trigger_schedule(name)

    def _configuration(self, seat: str) -> DBOSConfig:
        return DBOSConfig(
            name="openprofiles",
            system_database_url=as_url(self._conninfo),
            dbos_system_schema=SCHEMA,
            application_version=VERSION,
            executor_id=seat,
            sys_db_pool_size=4,
            max_executor_threads=THREADS,
            log_level=self._log_level,
            enable_otlp=False,
        )

    def _run_tick(self, at: datetime, name: str) -> None:
        """One tick of the schedule called `name`; DBOS stores that it ran and the answer of each
        step."""
        started = time.monotonic()
        self._look(self._schedules[name], Tick(at=at, step=_run_step, stopping=self._stopping))
        # What has been done jobs say themselves; most ticks find nothing to do.
        logger.debug(
            "A tick is over", extra={"job": name, "seconds": round(time.monotonic() - started, 3)}
        )

    def _look(self, schedule: Schedule, tick: Tick) -> None:
        _guarded(schedule.name, schedule.function, tick)
        while (
            schedule.again_after is not None
            and datetime.now(UTC) < tick.at + LOOK_FOR
            and not self._stopping.wait(schedule.again_after)
        ):
            _guarded(schedule.name, schedule.function, tick)


def _run_step(name: str, function: Callable[..., Any], *arguments: Any) -> Any:
    return DBOS.run_step({"name": name}, _guarded, name, function, *arguments)


def _guarded(name: str, function: Callable[..., Any], *arguments: Any) -> Any:
    """The function's answer; JobFailed, which says no more, when it fails.

    What it failed with goes to our log only: DBOS would store and print its text, and a driver's
    error quotes values of customers.
    """
    try:
        return function(*arguments)
    except JobFailed:
        raise
    except Exception as failure:
        # The worker's loop: a failed tick must not end the worker; the next tick tries again.
        logger.exception("A job failed", extra={"job": name})
        raise JobFailed(f"{name} failed with {type(failure).__name__}") from None


def forget(before: datetime) -> None:
    """Remove the records of ticks that ended before a moment."""
    while finished := DBOS.list_workflows(
        status=["SUCCESS", "ERROR", "CANCELLED"],
        completed_before=before.isoformat(),
        limit=500,
        load_input=False,
        load_output=False,
    ):
        DBOS.delete_workflows([workflow.workflow_id for workflow in finished])


def _hand_logs_over() -> None:
    """DBOS writes its own log lines unless its logger has a handler: so ours get them, in our
    format."""
    dbos_logger = logging.getLogger("dbos")
    if not dbos_logger.handlers:
        dbos_logger.addHandler(logging.NullHandler())
