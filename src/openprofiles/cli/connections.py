"""`openprofiles connections`: how sources of integrations are reached."""

import sys
from getpass import getpass
from pathlib import Path
from typing import Annotated, Any

import msgspec
from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from openprofiles import connectors
from openprofiles.cli.errors import Refused
from openprofiles.cli.opening import caller_of, opened
from openprofiles.cli.options import with_connection
from openprofiles.cli.saying import console, refusing
from openprofiles.core.settings import Settings

app = App(name="connections", help="Make, list, test and remove connections to sources.")

DomainOption = Annotated[str, Parameter(help="The domain whose integrations use them.")]
Name = Annotated[str, Parameter(help="What flows call it: ConnectorProfileName.")]


class _File(msgspec.Struct, forbid_unknown_fields=True):
    """A connection as a file."""

    kind: str
    settings: dict[str, str] = {}


@app.command
@with_connection
@refusing
def add(
    settings: Settings,
    name: Name,
    *,
    domain: DomainOption,
    kind: Annotated[
        str | None, Parameter(help="The kind of source, as `openprofiles connections kinds` lists.")
    ] = None,
    value: Annotated[
        list[str] | None,
        Parameter(
            name="set", help="A setting, as name=value; several. Others see it in the shell."
        ),
    ] = None,
    file: Annotated[
        Path | None, Parameter(help='JSON: {"kind": "…", "settings": {"name": "value"}}.')
    ] = None,
) -> int:
    """Make a connection or replace the one of this name; secrets that are missing are asked for."""
    given = _File(kind or "") if file is None else _read(file)
    chosen = kind or given.kind
    if not chosen:
        raise Refused("Say which kind of source: --kind, or a file that has it")
    values = {**given.settings, **dict(map(_parted, value or []))}
    _ask_for_secrets(_require_kind(chosen), values)
    request = {"DomainName": domain, "Name": name, "Kind": chosen, "Settings": values}
    with opened(settings) as application:
        application.invoke("PutConnection", request, caller_of(settings, "connections"))
    _out().print(f"Connection {name} is kept; `openprofiles connections test` tries it")
    return 0


@app.command(name="list")
@with_connection
@refusing
def list_all(settings: Settings, *, domain: DomainOption) -> int:
    """The connections of a domain, without their secrets."""
    with opened(settings) as application:
        answer = application.invoke(
            "ListConnections", {"DomainName": domain}, caller_of(settings, "connections")
        )
    table = Table("Name", "Kind", "Settings", "Changed")
    for item in answer["Items"]:
        shown = "\n".join(f"{name}={value}" for name, value in item["Settings"].items())
        table.add_row(item["Name"], item["Kind"], shown, f"{item['LastUpdatedAt']:%Y-%m-%d %H:%M}")
    _out().print(table)
    return 0


@app.command
@with_connection
@refusing
def test(settings: Settings, name: Name, *, domain: DomainOption) -> int:
    """Reach the source and be let in; says what can be pulled there, or why not."""
    with opened(settings) as application, console.status("Reaching the source"):
        answer = application.invoke(
            "TestConnection",
            {"DomainName": domain, "Name": name},
            caller_of(settings, "connections"),
        )
    _out().print("The source lets us in")
    for found in answer["Objects"]:
        _out().print(f"  {found}")
    return 0


@app.command
@with_connection
@refusing
def remove(settings: Settings, name: Name, *, domain: DomainOption) -> int:
    """Forget a connection and its secrets."""
    with opened(settings) as application:
        application.invoke(
            "DeleteConnection",
            {"DomainName": domain, "Name": name},
            caller_of(settings, "connections"),
        )
    _out().print(f"Connection {name} is forgotten")
    return 0


@app.command
@refusing
def kinds() -> int:
    """The kinds of sources that are installed, and what a connection to each needs."""
    for name in connectors.names():
        kind = connectors.require(name)
        _out().print(f"{kind.name}: {kind.text}")
        for setting in kind.settings:
            notes = [
                note
                for note, holds in (
                    ("secret", setting.is_secret),
                    ("optional", not setting.is_required),
                )
                if holds
            ]
            said = f" ({', '.join(notes)})" if notes else ""
            _out().print(f"  {setting.name}{said}: {setting.text}")
    return 0


def _require_kind(name: str) -> connectors.ConnectorKind:
    try:
        return connectors.require(name)
    except connectors.UnknownKind as error:
        raise Refused(str(error)) from error


def _read(file: Path) -> _File:
    try:
        return msgspec.json.decode(file.read_bytes(), type=_File)
    except OSError as error:
        raise Refused(f"{file} cannot be read") from error
    except msgspec.MsgspecError:
        # Its text may quote a secret.
        raise Refused(f"{file} is not of the form that --help says") from None


def _parted(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator:
        raise Refused("--set needs name=value")
    return name, value


def _ask_for_secrets(kind: connectors.ConnectorKind, values: dict[str, str]) -> None:
    """Ask a person at a terminal for secrets that are needed and not given."""
    if not sys.stdin.isatty():
        return
    for setting in kind.settings:
        if setting.is_secret and setting.is_required and setting.name not in values:
            values[setting.name] = getpass(f"{setting.text} ({setting.name}): ")


def _out() -> Any:
    return Console(highlight=False, markup=False, soft_wrap=True)
