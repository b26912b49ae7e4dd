"""When the sweep runs."""

import logging
from dataclasses import asdict

from openprofiles.core import ids
from openprofiles.core.operation import Caller, Invoke
from openprofiles.core.settings import Settings
from openprofiles.features.expiry.sweeping import sweep
from openprofiles.jobs import Schedule, Tick

logger = logging.getLogger(__name__)


def schedules(invoke: Invoke, settings: Settings) -> list[Schedule]:
    """The sweep, by `sweep_schedule`."""

    def run(tick: Tick) -> None:
        caller = Caller(
            account_id=settings.account_id,
            region=settings.region,
            principal="sweep",
            request_id=ids.random_id(),
        )

        def remove() -> dict[str, int]:
            return asdict(sweep(invoke, caller, is_stopping=tick.stopping.is_set))

        logger.info("Swept", extra=tick.step("remove what has expired", remove))

    return [Schedule("sweep", settings.sweep_schedule, run)]
