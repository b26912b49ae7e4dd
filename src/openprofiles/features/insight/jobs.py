"""When hours are counted."""

from openprofiles.core.operation import Invoke
from openprofiles.core.ourselves import ourselves
from openprofiles.core.settings import Settings
from openprofiles.jobs import Schedule, Tick

EACH_HOUR = "3 * * * *"
"""Some minutes after the hour: what began in it has ended."""


def schedules(invoke: Invoke, settings: Settings) -> list[Schedule]:
    """The counting of the hours that are over."""

    def record(tick: Tick) -> None:
        after: int | None = 0
        while after is not None and not tick.stopping.is_set():
            caller = ourselves(settings, "insight")
            after = invoke("RecordDomainHours", {"After": after}, caller)["After"]

    return [Schedule("domain-hours", EACH_HOUR, record)]
