"""Profile history: an index of the journal by profile, and documents as they were."""

from openprofiles.storage.migrations import run

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the table and the index."""
    run("0008_history.sql")
