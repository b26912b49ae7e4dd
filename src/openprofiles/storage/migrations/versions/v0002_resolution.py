"""Merges, matching rules, identity-resolution jobs and what they found, decisions of people."""

from openprofiles.storage.migrations import run

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables of identity resolution."""
    run("0002_resolution.sql")
