"""Access keys and policies."""

from openprofiles.storage.migrations import run

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make their tables."""
    run("0008_access.sql")
