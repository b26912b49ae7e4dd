"""Works off what is due: several runs at a time, so that a slow source holds up no other."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace

from openprofiles.core import ids
from openprofiles.core.errors import ServiceError
from openprofiles.core.operation import Answer, Caller, Invoke
from openprofiles.features import transfers
from openprofiles.features.integrations.running.machine import Machine
from openprofiles.features.integrations.running.pulling import run_one
from openprofiles.storage.database import DatabaseUnavailable

LOOK_SECONDS = 1.0
REST_SECONDS = 15.0
"""How long a run is left alone that another process holds, or that failed here."""

logger = logging.getLogger(__name__)


def work(machine: Machine) -> int:
    """Start the runs that schedules want, and run all that are due, until there is none; how many
    were run.
    """
    at_once = max(1, machine.settings.integration_runs_at_once)
    with (
        transfers.tuned_for_batches(),
        ThreadPoolExecutor(at_once, thread_name_prefix="integration") as pool,
    ):
        return _Work(machine, pool, at_once).until_done()


def sweep(invoke: Invoke, caller: Caller, *, is_stopping: Callable[[], bool]) -> None:
    """Remove the records of old runs, batch by batch."""
    while not is_stopping() and not invoke("SweepIntegrationRuns", {}, caller)["IsDone"]:
        continue


@dataclass(slots=True)
class _Work:
    """Runs under way in this process, by their ids."""

    machine: Machine
    pool: ThreadPoolExecutor
    at_once: int
    under_way: dict[Future[bool], str] = field(default_factory=dict)
    resting: dict[str, float] = field(default_factory=dict)
    run: int = 0

    def until_done(self) -> int:
        """Work until nothing is due and nothing under way, or the process stops."""
        while True:
            if not self.machine.is_stopping():
                self._start_due()
                self._submit_due()
            if not self.under_way:
                return self.run
            done, _ = wait(self.under_way, LOOK_SECONDS, FIRST_COMPLETED)
            for future in done:
                run_id = self.under_way.pop(future)
                if future.result():
                    self.run += 1
                else:
                    self.resting[run_id] = time.monotonic() + REST_SECONDS

    def _start_due(self) -> None:
        for due in self._invoke("ListDueIntegrations")["Integrations"]:
            machine = _of_account(self.machine, due["AccountId"])
            parameters = {"DomainName": due["DomainName"], "Uri": due["Uri"]}
            try:
                machine.invoke("StartDueIntegrationRun", parameters, machine.caller)
            except ServiceError as refusal:
                # Its domain was deleted meanwhile.
                logger.info("An integration is none any more", extra={"why": refusal.message})

    def _submit_due(self) -> None:
        now = time.monotonic()
        busy = set(self.under_way.values())
        for due in self._invoke("ListDueIntegrationRuns")["Runs"]:
            run_id = due["RunId"]
            if len(self.under_way) >= self.at_once:
                return
            if run_id not in busy and self.resting.get(run_id, 0.0) <= now:
                self.under_way[self.pool.submit(_run_guarded, self.machine, due)] = run_id

    def _invoke(self, name: str) -> Answer:
        return self.machine.invoke(name, {}, self.machine.caller)


def _run_guarded(machine: Machine, due: Answer) -> bool:
    """Run a run; whatever happens to it happens to no other."""
    try:
        own = _of_account(machine, due["AccountId"])
        return run_one(own, due["DomainName"], due["RunId"], due["Uri"])
    except DatabaseUnavailable:
        logger.warning("A run lost the database, to be continued", extra={"run_id": due["RunId"]})
    except Exception as error:  # noqa: BLE001 (see below)
        # A connector of somebody else may fail with anything, and its text may quote a customer's
        # value. The run is begun again, and fails when that was too often.
        logger.error(
            "A run failed, to be tried again",
            extra={"run_id": due["RunId"], "error": type(error).__qualname__},
        )
    return False


def _of_account(machine: Machine, account_id: str) -> Machine:
    caller = replace(machine.caller, account_id=account_id, request_id=ids.random_id())
    return replace(machine, caller=caller)
