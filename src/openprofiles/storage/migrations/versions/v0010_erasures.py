"""Receipts of erasures, and tombstones."""

from openprofiles.storage.migrations import run

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make the tables."""
    run("0010_erasures.sql")
