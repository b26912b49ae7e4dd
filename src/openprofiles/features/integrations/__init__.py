"""Integrations: where the records of a domain come from (core reference §9, extended §14).

Rooms above and beside ask which integration a Uri names (`find`) and in which domains of an account
it is (`list_of_account`).
"""

from openprofiles.features.integrations import operations
from openprofiles.features.integrations.integration import Integration
from openprofiles.features.integrations.operations import OPERATIONS
from openprofiles.features.integrations.store.integrations import find, list_of_account

__all__ = ["OPERATIONS", "Integration", "find", "list_of_account", "operations"]
