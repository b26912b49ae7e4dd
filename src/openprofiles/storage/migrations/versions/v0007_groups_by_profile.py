"""The group of a profile is read from one index."""

from openprofiles.storage.migrations import run

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the index anew."""
    run("0007_groups_by_profile.sql")
