"""Access keys and policies."""

from openprofiles.storage.migrations import run

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make their tables."""
    run("0009_access.sql")
