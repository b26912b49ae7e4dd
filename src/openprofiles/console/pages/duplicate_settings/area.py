"""The blueprint of the settings of duplicates, and their line of the menu."""

from flask import Blueprint

from openprofiles.console.areas import Area, Entry
from openprofiles.console.rights import might

FILES = ("duplicates.css", "duplicates.js")

blueprint = Blueprint("duplicate_settings", __name__)
ENTRIES = (
    Entry(
        area=Area.DUPLICATES,
        label="Settings",
        icon="gear",
        endpoint="duplicate_settings.matching",
    ),
)


def may_change() -> bool:
    """Whether to offer the person at the browser to change how duplicates are found."""
    return might("UpdateDomain")
