"""What the job worker does for replays: it works on those that have not ended."""

import logging

from openprofiles.core.operation import Invoke
from openprofiles.core.ourselves import ourselves
from openprofiles.core.settings import Settings
from openprofiles.features.replays.running import run_due
from openprofiles.jobs import Schedule, Tick, looking

logger = logging.getLogger(__name__)


def schedules(invoke: Invoke, settings: Settings) -> list[Schedule]:
    """The work on replays; a look without any costs one small query."""

    def work(tick: Tick) -> None:
        caller = ourselves(settings, "replay")
        count = run_due(invoke, caller, is_stopping=tick.stopping.is_set)
        if count:
            logger.info("Worked on replays", extra={"replays": count})

    return [looking("replays", work)]
