"""Connections: how the sources of integrations are reached. Secrets go in and never come out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from flask import Blueprint, Response, flash, request, url_for

from openprofiles.console.areas import Area, Entry
from openprofiles.console.rendering import Page, render
from openprofiles.console.rights import might
from openprofiles.console.saying import plainly
from openprofiles.console.visit import ask, see_other
from openprofiles.core.errors import BadRequest, ResourceNotFound

SETTING = "setting:"
"""What the names of the fields of settings begin with."""

LONG = ("service_account_key",)
"""Settings that have several lines."""

SHOWN_OBJECTS = 100

blueprint = Blueprint("connections", __name__)
ENTRIES = (
    Entry(area=Area.OPERATE, label="Connections", icon="plug", endpoint="connections.index"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Something that a connection of a kind needs, and what was typed for it."""

    name: str
    text: str
    is_secret: bool
    is_required: bool
    is_long: bool
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of source."""

    name: str
    text: str
    settings: tuple[Setting, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """A connection without its secrets."""

    name: str
    kind: str
    settings: Mapping[str, str]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionsPage(Page):
    """The connections of a domain."""

    template: ClassVar[str] = "connections/index.html"

    title: str = "Connections"
    """What the page is called."""
    domain_name: str
    """The domain."""
    connections: tuple[Connection, ...]
    """All of them, by name."""
    may_put: bool
    """Whether one may be made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindsPage(Page):
    """The kinds of sources, one of which is to be chosen."""

    template: ClassVar[str] = "connections/kinds.html"
    files: ClassVar[tuple[str, ...]] = ("data_in.css",)

    title: str = "Make a connection"
    """What the page is called."""
    domain_name: str
    """The domain."""
    kinds: tuple[Kind, ...]
    """Those that are installed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewConnectionPage(Page):
    """The form to make a connection, or to replace one."""

    template: ClassVar[str] = "connections/form.html"
    files: ClassVar[tuple[str, ...]] = ("data_in.css",)

    domain_name: str
    """The domain."""
    kind: Kind
    """The kind of source, with what was typed for its settings."""
    name: str = ""
    """The name that was typed."""
    replaces: bool = False
    """Whether there is one of this name, which is replaced."""
    problem: str | None = None
    """Why it could not be made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionPage(Page):
    """One connection, and whether its source lets us in."""

    template: ClassVar[str] = "connections/connection.html"

    domain_name: str
    """The domain."""
    connection: Connection
    """The connection."""
    secrets: tuple[str, ...]
    """The names of the secret settings of its kind."""
    is_tested: bool = False
    """Whether the source was just reached, or tried to."""
    problem: str | None = None
    """Why the source could not be reached."""
    objects: tuple[str, ...] = ()
    """The names of what can be pulled there."""
    more_objects: int = 0
    """How many more there are."""
    may_put: bool
    """Whether it may be changed."""
    may_delete: bool
    """Whether it may be deleted."""


@blueprint.get("/domains/<domain_name>/connections")
def index(domain_name: str) -> Response:
    """The list."""
    page = ConnectionsPage(
        domain_name=domain_name,
        connections=_connections(domain_name),
        may_put=might("PutConnection"),
    )
    return render(page)


@blueprint.get("/domains/<domain_name>/connections/new")
def new(domain_name: str) -> Response:
    """The kinds to choose from."""
    ask("GetDomain", DomainName=domain_name)
    return render(KindsPage(domain_name=domain_name, kinds=tuple(_kinds().values())))


@blueprint.get("/domains/<domain_name>/connections/new/<kind>")
def fill_in(domain_name: str, kind: str) -> Response:
    """The form of a kind; with `name`, filled in with what is known of that connection."""
    name = request.args.get("name", "")
    known = next((found for found in _connections(domain_name) if found.name == name), None)
    return render(
        NewConnectionPage(
            title=f"Change {name}" if known else f"Connect to {kind}",
            domain_name=domain_name,
            kind=_require_kind(kind, known.settings if known else {}),
            name=name,
            replaces=known is not None,
        )
    )


@blueprint.post("/domains/<domain_name>/connections/new/<kind>")
def put(domain_name: str, kind: str) -> Response:
    """Make a connection, or replace the one that the form says it replaces; then try it."""
    name, replaces = request.form.get("name", "").strip(), bool(request.form.get("replaces"))
    typed = {
        field.removeprefix(SETTING): text.strip()
        for field, text in request.form.items()
        if field.startswith(SETTING) and text.strip()
    }
    try:
        if not replaces and any(known.name == name for known in _connections(domain_name)):
            raise BadRequest("There is a connection of this name already")
        ask("PutConnection", DomainName=domain_name, Name=name, Kind=kind, Settings=typed)
    except BadRequest as error:
        page = NewConnectionPage(
            title=f"Change {name}" if replaces else f"Connect to {kind}",
            domain_name=domain_name,
            kind=_require_kind(kind, typed),
            name=name,
            replaces=replaces,
            problem=plainly(error),
        )
        return render(page, status=422)
    flash(f"Connection {name} is kept. Test it now.", "success")
    return see_other(url_for("connections.show", domain_name=domain_name, name=name))


@blueprint.get("/domains/<domain_name>/connections/one")
def show(domain_name: str) -> Response:
    """One connection, called by `name`: names may have slashes."""
    return render(_page_of(domain_name, request.args.get("name", "")))


@blueprint.post("/domains/<domain_name>/connections/test")
def test(domain_name: str) -> Response:
    """Reach the source, and say what can be pulled there."""
    name = request.form.get("name", "")
    try:
        objects = ask("TestConnection", DomainName=domain_name, Name=name)["Objects"]
    except BadRequest as error:
        return render(
            _page_of(domain_name, name, is_tested=True, problem=plainly(error)), status=422
        )
    page = _page_of(
        domain_name,
        name,
        is_tested=True,
        objects=tuple(objects[:SHOWN_OBJECTS]),
        more_objects=max(0, len(objects) - SHOWN_OBJECTS),
    )
    return render(page)


@blueprint.post("/domains/<domain_name>/connections/delete")
def delete(domain_name: str) -> Response:
    """Forget one."""
    name = request.form.get("name", "")
    ask("DeleteConnection", DomainName=domain_name, Name=name)
    flash(f"Connection {name} is forgotten, with its secrets.", "success")
    return see_other(url_for("connections.index", domain_name=domain_name))


def _page_of(
    domain_name: str,
    name: str,
    *,
    is_tested: bool = False,
    problem: str | None = None,
    objects: tuple[str, ...] = (),
    more_objects: int = 0,
) -> ConnectionPage:
    found = next((item for item in _connections(domain_name) if item.name == name), None)
    if found is None:
        raise ResourceNotFound(f"Domain {domain_name} has no connection of this name")
    kind = _kinds().get(found.kind)
    return ConnectionPage(
        title=name,
        domain_name=domain_name,
        connection=found,
        secrets=tuple(entry.name for entry in kind.settings if entry.is_secret) if kind else (),
        is_tested=is_tested,
        problem=problem,
        objects=objects,
        more_objects=more_objects,
        may_put=might("PutConnection"),
        may_delete=might("DeleteConnection"),
    )


def _connections(domain_name: str) -> tuple[Connection, ...]:
    return tuple(
        Connection(
            name=item["Name"],
            kind=item["Kind"],
            settings=item["Settings"],
            created_at=item["CreatedAt"],
            updated_at=item["LastUpdatedAt"],
        )
        for item in ask("ListConnections", DomainName=domain_name)["Items"]
    )


def _require_kind(name: str, values: Mapping[str, str]) -> Kind:
    kind = _kinds(values).get(name)
    if kind is None:
        raise ResourceNotFound(f"No kind of source {name} is installed")
    return kind


def _kinds(values: Mapping[str, str] | None = None) -> dict[str, Kind]:
    """By name; what is secret is never shown again, not even to who typed it."""
    given = values or {}
    return {
        item["Kind"]: Kind(
            name=item["Kind"],
            text=item["Text"],
            settings=tuple(
                Setting(
                    name=setting["Name"],
                    text=setting["Text"],
                    is_secret=setting["IsSecret"],
                    is_required=setting["IsRequired"],
                    is_long=setting["Name"] in LONG,
                    value="" if setting["IsSecret"] else given.get(setting["Name"], ""),
                )
                for setting in item["Settings"]
            ),
        )
        for item in ask("ListConnectorKinds")["Items"]
    }
