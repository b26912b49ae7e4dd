"""Who may call: access keys, and the policies that say what each may do."""

from openprofiles.features.access.finding import KeyFinder
from openprofiles.features.access.operations import OPERATIONS
from openprofiles.features.access.roles import policies_of_role
from openprofiles.features.access.using import Uses

__all__ = ["OPERATIONS", "KeyFinder", "Uses", "policies_of_role"]
