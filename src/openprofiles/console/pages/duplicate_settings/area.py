"""The blueprint of the settings of duplicates, and their line of the menu."""

from flask import Blueprint

from openprofiles.console.areas import Area, Entry
from openprofiles.console.visit import person

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
    """Whether the role of the person at the browser changes domains. Who has no role is let try:
    the policies of their key say.
    """
    return person().role in (None, "admin")
