"""Files can be sent to the console and imported."""

from openprofiles.storage.migrations import run

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Make the table."""
    run("0015_file_imports.sql")
