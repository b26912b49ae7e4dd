"""Groups that wait are kept in their order."""

from openprofiles.storage.migrations import run

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Make the table, and fill it."""
    run("0019_match_queue.sql")
