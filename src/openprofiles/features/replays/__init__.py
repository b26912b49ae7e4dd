"""Replays: the stored objects of a type, mapped once more after the type has changed.

Whoever runs jobs takes `schedules`; `run` works on one replay to its end.
"""

from openprofiles.features.replays.jobs import schedules
from openprofiles.features.replays.operations import OPERATIONS
from openprofiles.features.replays.running import run

__all__ = ["OPERATIONS", "run", "schedules"]
