"""Values kept for matching are made anew, since names are read otherwise."""

from openprofiles.storage.migrations import run

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Note the work."""
    run("0021_suffixes.sql")
