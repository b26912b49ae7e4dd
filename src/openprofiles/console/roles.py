"""Roles of people whom a provider of identities vouches for, from the least to the most."""

from enum import StrEnum


class Role(StrEnum):
    """What somebody may do; each may do what those before it may."""

    VIEWER = "viewer"
    AGENT = "agent"
    STEWARD = "steward"
    ADMIN = "admin"
