"""Data keys of domains."""

from openprofiles.storage.migrations import run

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Make the table and the column."""
    run("0013_encryption.sql")
