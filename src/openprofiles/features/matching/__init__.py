"""Matching: identity-resolution jobs, what they find, and what people decide about it (core
reference §8.1 to §8.4).
"""

from openprofiles.features.matching import online, operations, pending
from openprofiles.features.matching.job import Job
from openprofiles.features.matching.jobs import schedules
from openprofiles.features.matching.people import forget_profiles, tell_profile
from openprofiles.features.matching.running import Hold, Machine, run_due, run_one
from openprofiles.features.matching.store.jobs import count_by_hour

OPERATIONS = (*operations.OPERATIONS, *online.OPERATIONS)

FOLLOWERS = (pending.follow_profiles, online.follow_profiles)
"""Who is told of changes of profiles."""

DOMAIN_FOLLOWERS = (pending.follow_domain, online.follow_domain)
"""Who is told of changes of domains."""

__all__ = [
    "DOMAIN_FOLLOWERS",
    "FOLLOWERS",
    "OPERATIONS",
    "Hold",
    "Job",
    "Machine",
    "count_by_hour",
    "forget_profiles",
    "run_due",
    "run_one",
    "schedules",
    "tell_profile",
]
