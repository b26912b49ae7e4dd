"""Long work of all kinds in one list: what waits, runs and ran by itself in the domains of an
account, whichever room does it.

This room only looks. What ends or repeats some work is the operation of the room that does it,
which each item names.
"""

from openprofiles.features.work.backlog import Backlog, count_backlog
from openprofiles.features.work.operations import OPERATIONS

__all__ = ["OPERATIONS", "Backlog", "count_backlog"]
