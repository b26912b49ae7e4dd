"""The numbers of domains are kept by the hour."""

from openprofiles.storage.migrations import run

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Make the table."""
    run("0016_domain_hours.sql")
