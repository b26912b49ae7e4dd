"""Integrations, their runs and workflows, and connections to sources."""

from openprofiles.storage.migrations import run

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the tables."""
    run("0005_integrations.sql")
