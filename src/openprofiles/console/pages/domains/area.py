"""The blueprint of domains, and their line of the menu."""

from typing import Any

from flask import Blueprint

from openprofiles.console.areas import Area, Entry
from openprofiles.console.visit import ask
from openprofiles.core.errors import AccessDenied
from openprofiles.core.operation import Answer

ONE = "/domains/<domain_name>"

blueprint = Blueprint("domains", __name__)
ENTRIES = (
    Entry(
        area=Area.HOME, label="Domains", icon="home", endpoint="domains.home", needs_domain=False
    ),
)


def ask_if_allowed(name: str, **parameters: Any) -> Answer | None:
    """What an operation tells; None for those who may not know, so that a page leaves it out."""
    try:
        return ask(name, **parameters)
    except AccessDenied:
        return None
