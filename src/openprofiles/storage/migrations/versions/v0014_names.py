"""Names are found by their beginning."""

from openprofiles.storage.migrations import run

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Make the indexes."""
    run("0014_names.sql")
