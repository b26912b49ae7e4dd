"""What the job worker does for erasures: it goes on with those that are not done."""

import logging
from collections.abc import Callable
from dataclasses import replace

from openprofiles.core.errors import ResourceNotFound
from openprofiles.core.operation import Caller, Invoke
from openprofiles.core.ourselves import ourselves
from openprofiles.core.settings import Settings
from openprofiles.jobs import Schedule, Tick, looking

logger = logging.getLogger(__name__)


def schedules(invoke: Invoke, settings: Settings) -> list[Schedule]:
    """The rest of erasures; a look without any costs one small query."""

    def work(tick: Tick) -> None:
        caller = ourselves(settings, "erasure")
        count = run_due(invoke, caller, is_stopping=tick.stopping.is_set)
        if count:
            logger.info("Went on with erasures", extra={"steps": count})

    return [looking("erasures", work)]


def run_due(
    invoke: Invoke, caller: Caller, *, is_stopping: Callable[[], bool] = lambda: False
) -> int:
    """Go on with erasures until all are done; how many steps that took."""
    steps = 0
    while not is_stopping() and (found := invoke("FindUnfinishedErasure", {}, caller)):
        account = replace(caller, account_id=found["AccountId"])
        request = {"DomainName": found["DomainName"], "ErasureId": found["ErasureId"]}
        try:
            invoke("ContinueErasure", request, account)
        except ResourceNotFound:
            # The domain was deleted meanwhile, and is looked for no more.
            continue
        steps += 1
    return steps
