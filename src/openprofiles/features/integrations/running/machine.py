"""What runs run on."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from threading import BoundedSemaphore

from openprofiles.core.operation import Caller, Invoke
from openprofiles.core.settings import Settings
from openprofiles.features.integrations.run import Run

Hold = Callable[[str], AbstractContextManager[bool]]
"""Holds what is called so for as long as the process lives; False when another one does."""

CONNECTIONS_LEFT = 2
"""Connections of a process that batches leave to all else it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What runs run on; `permits` bounds the batches that are under way in all runs together, since
    each has a connection of the database.
    """

    invoke: Invoke
    hold: Hold
    settings: Settings
    caller: Caller
    watch: Callable[[Run], None] = lambda _: None
    is_stopping: Callable[[], bool] = lambda: False
    permits: BoundedSemaphore


def permits_of(settings: Settings) -> BoundedSemaphore:
    """As many batches as a process of these settings may have under way."""
    return BoundedSemaphore(max(1, settings.threads - CONNECTIONS_LEFT))
