"""What the job worker does for encryption: it seals anew what domains hold whose keys changed."""

import logging
from collections.abc import Callable

from openprofiles.core.operation import Caller, Invoke
from openprofiles.core.ourselves import ourselves
from openprofiles.core.settings import Settings
from openprofiles.jobs import Schedule, Tick, looking

logger = logging.getLogger(__name__)


def schedules(invoke: Invoke, settings: Settings) -> list[Schedule]:
    """The work on domains whose keys changed; a look without any costs one small query."""

    def work(tick: Tick) -> None:
        caller = ourselves(settings, "encryption")
        batches = work_off(invoke, caller, is_stopping=tick.stopping.is_set)
        if batches:
            logger.info("Sealed domains anew", extra={"batches": batches})

    return [looking("encryption", work)]


def work_off(
    invoke: Invoke, caller: Caller, *, is_stopping: Callable[[], bool] = lambda: False
) -> int:
    """Seal anew all that waits for it, in all domains whose key can be used, each in turn; how many
    batches that took.
    """
    batches = 0
    is_idle = False
    while not is_idle and not is_stopping():
        is_idle = True
        after: int | None = 0
        while after is not None and not is_stopping():
            answer = invoke("ContinueEncryption", {"After": after}, caller)
            after = answer["After"]
            batches += after is not None
            is_idle = is_idle and answer["IsDone"]
    return batches
