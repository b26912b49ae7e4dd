"""Domains, tags, object types, profiles, keys, objects, records, rejections, journal, imports."""

from openprofiles.storage.migrations import run

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the core tables."""
    run("0001_core.sql")
