"""What callers did, by operation."""

from openprofiles.storage.migrations import run

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make the table."""
    run("0011_acts.sql")
