"""Encryption of domains: which data keys they seal with, and sealing anew what they hold (ADR
0033). How values are sealed is storage's; each room's store asks it.
"""

from openprofiles.features.encryption.following import follow_domain
from openprofiles.features.encryption.jobs import schedules, work_off
from openprofiles.features.encryption.operations import OPERATIONS

__all__ = ["OPERATIONS", "follow_domain", "schedules", "work_off"]
