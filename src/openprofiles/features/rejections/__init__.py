"""Rejected objects: those that were taken and could not be placed; seen, counted, tried again, or
dropped; and sent to the dead-letter queues of their domains.

Whoever runs jobs takes `schedules`; `follow_domain` hears of domains that get another queue. Who
looks for the objects of a person reads all page by page (`read_page`, `remove_those`).
"""

from openprofiles.features.rejections.jobs import schedules
from openprofiles.features.rejections.operations import OPERATIONS
from openprofiles.features.rejections.operations.letters import follow_domain
from openprofiles.features.rejections.people import Page, has_any, read_page, remove_those
from openprofiles.features.rejections.sending import Hold, Sent, send_letters
from openprofiles.features.rejections.store.rejected import count_by_hour

__all__ = [
    "OPERATIONS",
    "Hold",
    "Page",
    "Sent",
    "count_by_hour",
    "follow_domain",
    "has_any",
    "read_page",
    "remove_those",
    "schedules",
    "send_letters",
]
