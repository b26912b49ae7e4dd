"""What the job worker does for rules: applies them to profiles that were there before, and merges
what a process that died left to be merged.
"""

import logging

from openprofiles.core.operation import Invoke
from openprofiles.core.ourselves import ourselves
from openprofiles.core.settings import Settings
from openprofiles.features.rules.working import work_off
from openprofiles.jobs import Schedule, Tick, looking

logger = logging.getLogger(__name__)


def schedules(invoke: Invoke, settings: Settings) -> list[Schedule]:
    """The work on rules; a look without any costs two small queries."""

    def work(tick: Tick) -> None:
        caller = ourselves(settings, "rules")
        steps = work_off(invoke, caller, is_stopping=tick.stopping.is_set)
        if steps:
            logger.info("Worked on matching rules", extra={"steps": steps})

    return [looking("rules", work)]
