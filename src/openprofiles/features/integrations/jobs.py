"""When integrations are looked for that are due."""

from openprofiles.core.operation import Caller, Invoke
from openprofiles.core.ourselves import ourselves
from openprofiles.core.settings import Settings
from openprofiles.features.integrations.running import Machine, permits_of, sweep, work
from openprofiles.features.integrations.running.machine import Hold
from openprofiles.jobs import Schedule, Tick

SWEEP = "41 * * * *"


def schedules(invoke: Invoke, settings: Settings, hold: Hold) -> list[Schedule]:
    """Integrations: each tick runs what is due and goes on while anything is; another one removes
    the records of old runs.
    """
    permits = permits_of(settings)

    def run(tick: Tick) -> None:
        # Not a step: all that is done is stored by the runs themselves, page by page.
        work(
            Machine(
                invoke=invoke,
                hold=hold,
                settings=settings,
                caller=_caller(settings),
                is_stopping=tick.stopping.is_set,
                permits=permits,
            )
        )

    def remove(tick: Tick) -> None:
        sweep(invoke, _caller(settings), is_stopping=tick.stopping.is_set)

    return [
        Schedule("integrations", settings.integration_schedule, run),
        Schedule("integration-sweep", SWEEP, remove),
    ]


def _caller(settings: Settings) -> Caller:
    return ourselves(settings, "integrations")
