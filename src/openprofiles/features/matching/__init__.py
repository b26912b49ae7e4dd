"""Matching: identity-resolution jobs, what they find, and what people decide about it (core
reference §8.1 to §8.4).
"""

from openprofiles.features.matching.jobs import schedules
from openprofiles.features.matching.operations import OPERATIONS
from openprofiles.features.matching.pending import follow_domain, follow_profiles
from openprofiles.features.matching.running import Hold, Machine, run_due, run_one

__all__ = [
    "OPERATIONS",
    "Hold",
    "Machine",
    "follow_domain",
    "follow_profiles",
    "run_due",
    "run_one",
    "schedules",
]
