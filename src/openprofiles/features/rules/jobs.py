"""What the job worker does for rules: applies them to profiles that were there before, and merges
what a process that died left to be merged.
"""

import logging
import time

from openprofiles.core.operation import Invoke
from openprofiles.core.ourselves import ourselves
from openprofiles.core.settings import Settings
from openprofiles.features.rules.working import work_off
from openprofiles.jobs import Schedule, Tick

EACH_MINUTE = "* * * * *"
LOOK_SECONDS = 55.0
PAUSE_SECONDS = 1.0
"""A tick looks for work again and again, as ticks that come every second would themselves be work
for the database.
"""

logger = logging.getLogger(__name__)


def schedules(invoke: Invoke, settings: Settings) -> list[Schedule]:
    """The work on rules, every second; without any it costs two small queries."""

    def run(tick: Tick) -> None:
        caller = ourselves(settings, "rules")
        end = time.monotonic() + LOOK_SECONDS
        while time.monotonic() < end and not tick.stopping.is_set():
            steps = work_off(invoke, caller, is_stopping=tick.stopping.is_set)
            if steps:
                logger.info("Worked on matching rules", extra={"steps": steps})
            tick.stopping.wait(PAUSE_SECONDS)

    return [Schedule("rules", EACH_MINUTE, run)]
