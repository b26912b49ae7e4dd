"""The blueprint of the pages on duplicates, and their line of the menu."""

from flask import Blueprint

from openprofiles.console.areas import Area, Entry
from openprofiles.console.rights import might

FILES = ("duplicates.css", "duplicates.js")

blueprint = Blueprint("duplicates", __name__)
ENTRIES = (Entry(area=Area.DUPLICATES, label="Review", icon="copies", endpoint="duplicates.queue"),)


def may_decide() -> bool:
    """Whether to offer the person at the browser to decide about matches."""
    return might("DecideReview")
