"""When the sweep runs."""

import logging
from dataclasses import asdict

from openprofiles.core.operation import Invoke
from openprofiles.core.ourselves import ourselves
from openprofiles.core.settings import Settings
from openprofiles.features.expiry.sweeping import sweep
from openprofiles.jobs import Schedule, Tick

logger = logging.getLogger(__name__)


def schedules(invoke: Invoke, settings: Settings) -> list[Schedule]:
    """The sweep, by `sweep_schedule`."""

    def run(tick: Tick) -> None:
        caller = ourselves(settings, "sweep")

        def remove() -> dict[str, int]:
            return asdict(sweep(invoke, caller, is_stopping=tick.stopping.is_set))

        logger.info("Swept", extra=tick.step("remove what has expired", remove))

    return [Schedule("sweep", settings.sweep_schedule, run)]
