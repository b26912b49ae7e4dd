"""Rejected objects that are tried again, letters to dead-letter queues, replays, and events."""

from openprofiles.storage.migrations import run

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables and columns."""
    run("0006_rejected_objects.sql")
