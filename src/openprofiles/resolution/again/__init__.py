"""Runs that build on the last whole one, which left in a folder what they need."""

from openprofiles.resolution.again.memory import (
    Grouping,
    Terms,
    last_model,
)
from openprofiles.resolution.again.remembering import (
    remember_candidates,
    remember_groups,
    remember_records,
)
from openprofiles.resolution.again.running import run

__all__ = [
    "Grouping",
    "Terms",
    "last_model",
    "remember_candidates",
    "remember_groups",
    "remember_records",
    "run",
]
