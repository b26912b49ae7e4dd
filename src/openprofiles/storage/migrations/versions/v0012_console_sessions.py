"""Sessions of the console."""

from openprofiles.storage.migrations import run

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Make their table."""
    run("0012_console_sessions.sql")
