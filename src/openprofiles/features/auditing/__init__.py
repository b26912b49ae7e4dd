"""Audit: who did what, when. Changes of profiles and objects are in the journal of their domain;
all else that callers do is noted by its operation, for the account, and survives the domain.
"""

from openprofiles.features.auditing.noting import IN_JOURNAL, note
from openprofiles.features.auditing.operations import OPERATIONS

__all__ = ["IN_JOURNAL", "OPERATIONS", "note"]
