"""Matching at once: whom a profile is like, by the model of the last run, without waiting for the
next.
"""

from openprofiles.features.matching.online.filling import follow_domain, work_off
from openprofiles.features.matching.online.following import follow_profiles
from openprofiles.features.matching.online.operations import OPERATIONS

__all__ = ["OPERATIONS", "follow_domain", "follow_profiles", "work_off"]
