"""Settings of the service: as they are in force, and where each comes from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import Blueprint, Response, request

from openprofiles.console.areas import Area, Entry
from openprofiles.console.rendering import Page, render
from openprofiles.console.visit import ask

ORIGINS = {
    "DEFAULT": ("default", "plain"),
    "COMMAND": ("default of the command", "plain"),
    "ENVIRONMENT": ("environment variable", "busy"),
    "FILE": ("file", "busy"),
    "KEYRING": ("keyring", "busy"),
    "OPTION": ("option", "busy"),
}
"""Origin -> in words, and its kind of badge."""

blueprint = Blueprint("service_settings", __name__)
ENTRIES = (
    Entry(
        area=Area.OPERATE,
        label="Settings",
        icon="sliders",
        endpoint="service_settings.show",
        needs_domain=False,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A setting; `text` has words and code in turns, `source` is the variable or the option that it
    comes from.
    """

    name: str
    text: tuple[str, ...]
    value: str
    is_code: bool
    default: str | None
    origin: tuple[str, str]
    source: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsPage(Page):
    """The settings."""

    template: ClassVar[str] = "settings/show.html"
    files: ClassVar[tuple[str, ...]] = ("operate.css",)

    title: str = "Settings"
    """What the page is called."""
    settings: tuple[Setting, ...]
    """Those that are shown."""
    only_changed: bool
    """Whether only those are shown that are not as they are by default."""
    changed: int
    """How many are not as they are by default."""
    total: int
    """How many there are."""


@blueprint.get("/settings")
def show() -> Response:
    """The page."""
    items = tuple(map(_setting, ask("ListSettings")["Items"]))
    changed = tuple(item for item in items if item.origin != ORIGINS["DEFAULT"])
    only_changed = request.args.get("show") == "changed"
    page = SettingsPage(
        settings=changed if only_changed else items,
        only_changed=only_changed,
        changed=len(changed),
        total=len(items),
    )
    return render(page)


def _setting(item: Mapping[str, Any]) -> Setting:
    value = item["Value"]
    words = value or "not set"
    if item["IsSecret"]:
        words = "set, and not shown" if item["IsSet"] else "not set"
    return Setting(
        name=item["Name"],
        text=tuple(item["Text"].split("`")),
        value=words,
        is_code=bool(value),
        default=item["Default"],
        origin=ORIGINS[item["Origin"]],
        source=_source(item),
    )


def _source(item: Mapping[str, Any]) -> str | None:
    if item["Origin"] == "OPTION":
        return f"--{item['Name'].replace('_', '-')}"
    if item["Origin"] in ("DEFAULT", "COMMAND"):
        return None
    return str(item["Variable"])
