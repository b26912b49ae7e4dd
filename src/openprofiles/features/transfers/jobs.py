"""What the job worker does for files that were sent: it imports them, and removes them after."""

import logging

from openprofiles.core.operation import Invoke
from openprofiles.core.ourselves import ourselves
from openprofiles.core.settings import Settings
from openprofiles.features.transfers.sent_running import run_due
from openprofiles.jobs import Schedule, Tick, looking

logger = logging.getLogger(__name__)


def schedules(invoke: Invoke, settings: Settings) -> list[Schedule]:
    """The work on files; a look without any costs a small query."""

    def work(tick: Tick) -> None:
        caller = ourselves(settings, "import")
        folder = settings.imports_dir
        count = run_due(invoke, caller, folder, is_stopping=tick.stopping.is_set)
        if count:
            logger.info("Worked on files that were sent", extra={"files": count})

    return [looking("file-imports", work)]
