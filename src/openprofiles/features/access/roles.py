"""Roles of people who sign in through a provider: each is a policy that every account has."""

from functools import cache
from typing import Final

from openprofiles.core.policies import Policy, read
from openprofiles.features.access.builtin import BUILT_IN

POLICY_OF_ROLE: Final = {
    "viewer": "read-only",
    "agent": "agent",
    "steward": "steward",
    "admin": "admin",
}


@cache
def policies_of_role(role: str) -> tuple[Policy, ...]:
    """What a role may do; nothing for a role that there is not."""
    name = POLICY_OF_ROLE.get(role)
    return () if name is None else (read(BUILT_IN[name]),)
