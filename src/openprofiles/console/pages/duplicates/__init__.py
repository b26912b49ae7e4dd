"""Duplicates: the queue of match groups, one group, why it matches, what people decide."""

from openprofiles.console.pages.duplicates import decided, deciding, evidence, group, queue, runs
from openprofiles.console.pages.duplicates.area import ENTRIES, blueprint

__all__ = [
    "ENTRIES",
    "blueprint",
    "decided",
    "deciding",
    "evidence",
    "group",
    "queue",
    "runs",
]
