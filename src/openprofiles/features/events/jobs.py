"""What the job worker does for events: it forgets those that cannot come again."""

from openprofiles.core import ids
from openprofiles.core.operation import Caller, Invoke
from openprofiles.core.settings import Settings
from openprofiles.jobs import Schedule, Tick

EACH_HOUR = "37 * * * *"


def schedules(invoke: Invoke, settings: Settings) -> list[Schedule]:
    """The forgetting, each hour."""

    def forget(tick: Tick) -> None:
        caller = Caller(
            account_id=settings.account_id,
            region=settings.region,
            principal="events",
            request_id=ids.random_id(),
        )
        is_done = False
        while not is_done and not tick.stopping.is_set():
            is_done = invoke("ForgetEvents", {}, caller)["IsDone"]

    return [Schedule("event-sweep", EACH_HOUR, forget)]
