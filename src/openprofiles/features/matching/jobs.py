"""When jobs are looked for that are due."""

import logging

from openprofiles.core import ids
from openprofiles.core.operation import Caller, Invoke
from openprofiles.core.settings import Settings
from openprofiles.features.matching.running import Hold, Machine, run_due
from openprofiles.jobs import Schedule, Tick

logger = logging.getLogger(__name__)


def schedules(invoke: Invoke, settings: Settings, hold: Hold) -> list[Schedule]:
    """Identity resolution: each tick runs the jobs that are due or were left behind."""

    def run(tick: Tick) -> None:
        machine = Machine(
            invoke=invoke,
            hold=hold,
            settings=settings,
            caller=Caller(
                account_id=settings.account_id,
                region=settings.region,
                principal="identity resolution",
                request_id=ids.random_id(),
            ),
            is_stopping=tick.stopping.is_set,
        )
        tick.step("run the jobs that are due", lambda: run_due(machine))

    return [Schedule("identity-resolution", settings.resolution_schedule, run)]
