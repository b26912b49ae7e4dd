"""What the job worker does for events: it forgets those that cannot come again."""

from openprofiles.core.operation import Invoke
from openprofiles.core.ourselves import ourselves
from openprofiles.core.settings import Settings
from openprofiles.jobs import Schedule, Tick

EACH_HOUR = "37 * * * *"


def schedules(invoke: Invoke, settings: Settings) -> list[Schedule]:
    """The forgetting, each hour."""

    def forget(tick: Tick) -> None:
        caller = ourselves(settings, "events")
        is_done = False
        while not is_done and not tick.stopping.is_set():
            is_done = invoke("ForgetEvents", {}, caller)["IsDone"]

    return [Schedule("event-sweep", EACH_HOUR, forget)]
