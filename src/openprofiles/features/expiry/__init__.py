"""Expiry: what removes objects and profiles whose time is over, and the rows of deleted domains.

Objects expire at the moment they were given when they were ingested, profiles when nothing has
written to them for the domain's DefaultExpirationDays (core reference §2.1, §4.8).
"""

from openprofiles.features.expiry.jobs import schedules
from openprofiles.features.expiry.operations import OPERATIONS
from openprofiles.features.expiry.sweeping import Swept, sweep

__all__ = ["OPERATIONS", "Swept", "schedules", "sweep"]
