"""Rule-based matching: profiles that a domain's rules hold for one customer (core reference §8.5).

Each write of a profile leaves what it offers to the rules, so a match is there when the write
returns. Groups are derived when they are asked for.
"""

from openprofiles.features.rules.following import follow_domain, follow_profiles
from openprofiles.features.rules.grouping import all_groups, group_of_match, similar_to_profile
from openprofiles.features.rules.jobs import schedules
from openprofiles.features.rules.match_group import MatchGroup
from openprofiles.features.rules.operations import OPERATIONS
from openprofiles.features.rules.working import work_off

__all__ = [
    "OPERATIONS",
    "MatchGroup",
    "all_groups",
    "follow_domain",
    "follow_profiles",
    "group_of_match",
    "schedules",
    "similar_to_profile",
    "work_off",
]
