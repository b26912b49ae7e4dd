"""Merges by the profiles that they merged away."""

from openprofiles.storage.migrations import run

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the index."""
    run("0003_merges.sql")
