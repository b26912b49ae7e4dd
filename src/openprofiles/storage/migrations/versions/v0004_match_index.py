"""The index of comparable values, for looking up whom a profile is like."""

from openprofiles.storage.migrations import run

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables of the index."""
    run("0004_match_index.sql")
