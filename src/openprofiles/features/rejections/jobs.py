"""What the job worker does for rejected objects: it sends them to dead-letter queues."""

import logging

from openprofiles.core import ids
from openprofiles.core.operation import Caller, Invoke
from openprofiles.core.settings import Settings
from openprofiles.features.rejections.sending import Hold, send_letters
from openprofiles.jobs import Schedule, Tick
from openprofiles.storage.queues import Queues

logger = logging.getLogger(__name__)


def schedules(invoke: Invoke, settings: Settings, hold: Hold) -> list[Schedule]:
    """The sending of letters; a tick without any costs one small query."""
    queues = Queues(settings.region, settings.sqs_endpoint_url)

    def send(tick: Tick) -> None:
        caller = Caller(
            account_id=settings.account_id,
            region=settings.region,
            principal="dead letters",
            request_id=ids.random_id(),
        )
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

    return [Schedule("dead-letters", settings.dead_letter_schedule, send)]
