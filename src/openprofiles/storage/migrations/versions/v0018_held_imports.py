"""Imports that failed for a reason that may pass are tried again."""

from openprofiles.storage.migrations import run

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Add the columns."""
    run("0018_held_imports.sql")
