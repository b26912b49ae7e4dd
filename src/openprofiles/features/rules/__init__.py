"""Rule-based matching: profiles that a domain's rules hold for one customer (core reference §8.5).

Each write of a profile leaves what it offers to the rules, so a match is there when the write
returns. Groups are derived when they are asked for.
"""

from openprofiles.features.rules.following import (
    follow_domain,
    follow_profiles,
    forget_profiles,
    look_again,
)
from openprofiles.features.rules.grouping import (
    all_groups,
    group_of_match,
    list_groups,
    similar_to_profile,
)
from openprofiles.features.rules.jobs import schedules
from openprofiles.features.rules.match_group import MatchGroup, parse_match_id
from openprofiles.features.rules.operations import OPERATIONS
from openprofiles.features.rules.shapes import PREVIEWED, checked_preview
from openprofiles.features.rules.working import work_off

__all__ = [
    "OPERATIONS",
    "PREVIEWED",
    "MatchGroup",
    "all_groups",
    "checked_preview",
    "follow_domain",
    "follow_profiles",
    "forget_profiles",
    "group_of_match",
    "list_groups",
    "look_again",
    "parse_match_id",
    "schedules",
    "similar_to_profile",
    "work_off",
]
