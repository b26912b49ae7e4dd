"""Insight: the numbers of a domain over time, kept by the hour, and how good the fields of its
profiles are, measured on a sample when it is asked for.

Nothing of it is on the way of a write: each hour is counted once it is over, from what writes leave
behind anyway (the counters of the domain, the journal, rejected objects, jobs), and the hour that
is not over when somebody asks.
"""

from openprofiles.features.insight import operations, quality
from openprofiles.features.insight.jobs import schedules

OPERATIONS = (*operations.OPERATIONS, *quality.OPERATIONS)

__all__ = ["OPERATIONS", "schedules"]
