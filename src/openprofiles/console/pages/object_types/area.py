"""The blueprint of the pages on object types, and their line of the menu."""

from flask import Blueprint

from openprofiles.console.areas import Area, Entry

FILES = ("object_types.css", "object_types.js")

blueprint = Blueprint("object_types", __name__)
ENTRIES = (
    Entry(area=Area.DATA_IN, label="Object types", icon="shapes", endpoint="object_types.index"),
)
