"""When jobs are looked for that are due."""

import logging

from openprofiles.core.operation import Caller, Invoke
from openprofiles.core.ourselves import ourselves
from openprofiles.core.settings import Settings
from openprofiles.features.matching import online
from openprofiles.features.matching.running import (
    Hold,
    Machine,
    export_by_rules,
    run_due,
    sweep,
)
from openprofiles.jobs import Schedule, Tick

EXPORT_BY_RULES = "0 0 * * *"
"""Each midnight (UTC): rules match all the time, so there is no run to write matches after."""

SWEEP = "23 * * * *"

logger = logging.getLogger(__name__)


def schedules(invoke: Invoke, settings: Settings, hold: Hold) -> list[Schedule]:
    """Identity resolution: each tick runs the jobs that are due or were left behind; others work
    on the indexes of domains that were switched on or off, export the matches by rules, and
    remove results that have expired.
    """

    def run(tick: Tick) -> None:
        machine = Machine(
            invoke=invoke,
            hold=hold,
            settings=settings,
            caller=_caller(settings),
            is_stopping=tick.stopping.is_set,
        )
        tick.step("run the jobs that are due", lambda: run_due(machine))

    def work_on_indexes(tick: Tick) -> None:
        batches = online.work_off(invoke, _caller(settings), is_stopping=tick.stopping.is_set)
        if batches:
            logger.info("Worked on indexes for matching", extra={"batches": batches})

    def export(tick: Tick) -> None:
        tick.step("export matches by rules", lambda: export_by_rules(invoke, _caller(settings)))

    def remove(tick: Tick) -> None:
        sweep(invoke, _caller(settings), is_stopping=tick.stopping.is_set)

    return [
        Schedule("identity-resolution", settings.resolution_schedule, run),
        Schedule("match-index", settings.resolution_schedule, work_on_indexes),
        Schedule("rule-match-export", EXPORT_BY_RULES, export),
        Schedule("match-sweep", SWEEP, remove),
    ]


def _caller(settings: Settings) -> Caller:
    return ourselves(settings, "identity resolution")
