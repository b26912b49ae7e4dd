"""The service knows when it was last backed up."""

from openprofiles.storage.migrations import run

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Make the table."""
    run("0017_last_backup.sql")
