"""Works on replays batch by batch until they end; any number of processes may, each in turn."""

import logging
from collections.abc import Callable
from dataclasses import replace

from openprofiles.core.errors import ResourceNotFound
from openprofiles.core.ids import Id
from openprofiles.core.operation import Answer, Caller, Invoke
from openprofiles.storage.encryption import KeyUnavailable

logger = logging.getLogger(__name__)


def run(
    invoke: Invoke,
    caller: Caller,
    domain_name: str,
    replay_id: Id,
    *,
    watch: Callable[[Answer], None] = lambda _: None,
    is_stopping: Callable[[], bool] = lambda: False,
) -> Answer:
    """Work on one replay to its end, or until told to stop; how it stands then."""
    request = {"DomainName": domain_name, "ReplayId": replay_id}
    while True:
        state = invoke("ContinueReplay", request, caller)
        watch(state)
        if state["Status"] != "RUNNING" or is_stopping():
            return state


def run_due(
    invoke: Invoke, caller: Caller, *, is_stopping: Callable[[], bool] = lambda: False
) -> int:
    """Work on all that have not ended; how many."""
    count = 0
    for due in invoke("ListDueReplays", {}, caller)["Replays"]:
        if is_stopping():
            break
        own = replace(caller, account_id=due["AccountId"])
        try:
            run(invoke, own, due["DomainName"], due["ReplayId"], is_stopping=is_stopping)
        except ResourceNotFound:
            # Its domain was deleted meanwhile.
            continue
        except KeyUnavailable as refusal:
            logger.warning("A replay has to wait for a key", extra={"why": refusal.message})
            continue
        count += 1
    return count
