"""What the job worker does for rejected objects: it sends them to dead-letter queues, and removes
those that are too old.
"""

import logging

from openprofiles.core.operation import Invoke
from openprofiles.core.ourselves import ourselves
from openprofiles.core.settings import Settings
from openprofiles.features.rejections.sending import Hold, send_letters
from openprofiles.jobs import Schedule, Tick
from openprofiles.storage.queues import Queues

EACH_HOUR = "51 * * * *"

logger = logging.getLogger(__name__)


def schedules(invoke: Invoke, settings: Settings, hold: Hold) -> list[Schedule]:
    """The sending of letters, of which a tick without any costs one small query; and each hour the
    removal of what is too old.
    """
    queues = Queues(settings.region, settings.sqs_endpoint_url)

    def send(tick: Tick) -> None:
        caller = ourselves(settings, "dead letters")
        done = send_letters(invoke, caller, queues, hold, is_stopping=tick.stopping.is_set)
        if done.sent or done.refused or done.failed_queues:
            logger.info(
                "Sent rejected objects to dead-letter queues",
                extra={
                    "sent": done.sent,
                    "refused": done.refused,
                    "failed_queues": done.failed_queues,
                },
            )

    def sweep(tick: Tick) -> None:
        is_done = False
        while not is_done and not tick.stopping.is_set():
            is_done = invoke("SweepRejectedObjects", {}, ourselves(settings, "expiry"))["IsDone"]

    return [
        Schedule("dead-letters", settings.dead_letter_schedule, send),
        Schedule("rejection-sweep", EACH_HOUR, sweep),
    ]
