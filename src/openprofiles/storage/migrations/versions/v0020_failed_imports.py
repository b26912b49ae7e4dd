"""Imports of files that failed can be tried again."""

from openprofiles.storage.migrations import run

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Add the index."""
    run("0020_failed_imports.sql")
