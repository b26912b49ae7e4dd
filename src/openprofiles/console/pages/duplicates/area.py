"""The blueprint of the pages on duplicates, and their line of the menu."""

from flask import Blueprint

from openprofiles.console.areas import Area, Entry
from openprofiles.console.visit import person

FILES = ("duplicates.css", "duplicates.js")
ONLY_LOOK = ("viewer", "agent")

blueprint = Blueprint("duplicates", __name__)
ENTRIES = (Entry(area=Area.DUPLICATES, label="Review", icon="copies", endpoint="duplicates.queue"),)


def may_decide() -> bool:
    """Whether the role of the person at the browser decides about matches. Who has no role is let
    try: the policies of their key say.
    """
    return person().role not in ONLY_LOOK
