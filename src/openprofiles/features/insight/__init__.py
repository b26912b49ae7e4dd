"""Insight: the numbers of a domain over time, kept by the hour.

Nothing of it is on the way of a write: each hour is counted once it is over, from what writes leave
behind anyway (the counters of the domain, the journal, rejected objects, jobs), and the hour that
is not over when somebody asks.
"""

from openprofiles.features.insight.jobs import schedules
from openprofiles.features.insight.operations import OPERATIONS

__all__ = ["OPERATIONS", "schedules"]
