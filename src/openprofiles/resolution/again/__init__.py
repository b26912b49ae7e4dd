"""Runs that build on the last whole one, which left in a folder what they need."""

from openprofiles.resolution.again.locking import FolderInUse, alone
from openprofiles.resolution.again.memory import Grouping, last_model
from openprofiles.resolution.again.remembering import (
    remember_candidates,
    remember_groups,
    remember_records,
)
from openprofiles.resolution.again.running import run

__all__ = [
    "FolderInUse",
    "Grouping",
    "alone",
    "last_model",
    "remember_candidates",
    "remember_groups",
    "remember_records",
    "run",
]
