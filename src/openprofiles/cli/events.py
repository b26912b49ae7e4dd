"""`openprofiles events`: who may send events to a domain."""

import re
import sys
from getpass import getpass
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from openprofiles.cli.errors import Refused
from openprofiles.cli.opening import caller_of, opened
from openprofiles.cli.options import with_connection
from openprofiles.cli.saying import refusing
from openprofiles.core.settings import Settings

app = App(name="events", help="Event sources, which send webhooks or events: add, list, remove.")

_COMMAND = "events"
_SHORTEST, _MOST = 8, 4
_NAME = re.compile("[a-zA-Z0-9._-]{1,255}")

Domain = Annotated[str, Parameter(help="The domain that takes the events.")]
Name = Annotated[
    str, Parameter(help="The name of the event integration: the end of the integration's Uri.")
]


@app.command
@with_connection
@refusing
def add(
    settings: Settings,
    name: Name,
    /,
    *,
    domain: Domain,
    kind: Annotated[
        Literal["shopify", "segment", "eventbridge"], Parameter(help="Who sends, and how it signs.")
    ],
    secret_file: Annotated[
        Path | None,
        Parameter(help="A file with the secret; one a line while a secret is replaced by another."),
    ] = None,
) -> int:
    """Make an event source or replace the one of this name; the secret is asked for, or read from a
    file or the standard input.
    """
    if not _NAME.fullmatch(name):
        raise Refused("A name has letters, digits, dots, hyphens and underscores")
    request: dict[str, Any] = {
        "DomainName": domain,
        "EventSourceName": name,
        "Kind": kind,
        "Secrets": _secrets(secret_file),
    }
    with opened(settings) as application:
        application.invoke("PutEventSource", request, caller_of(settings, _COMMAND))
    _print(f"Events are taken at /_openprofiles/v1/events/{domain}/{name}")
    return 0


@app.command(name="list")
@with_connection
@refusing
def list_sources(settings: Settings, *, domain: Domain) -> int:
    """List the event sources of a domain, without their secrets."""
    request = {"DomainName": domain}
    with opened(settings) as application:
        answer = application.invoke("ListEventSources", request, caller_of(settings, _COMMAND))
    if not answer["Items"]:
        _print("No event sources")
        return 0
    table = Table("Name", "Kind", "Changed", box=None)
    for item in answer["Items"]:
        changed = f"{item['LastUpdatedAt']:%Y-%m-%d %H:%M:%S}"
        table.add_row(item["EventSourceName"], item["Kind"], changed)
    # As wide as its cells, also where the output is no terminal.
    Console(width=300, highlight=False, markup=False).print(table)
    return 0


@app.command
@with_connection
@refusing
def remove(settings: Settings, name: Name, /, *, domain: Domain) -> int:
    """Take no events of a source any more, and forget its secret."""
    request = {"DomainName": domain, "EventSourceName": name}
    with opened(settings) as application:
        application.invoke("DeleteEventSource", request, caller_of(settings, _COMMAND))
    _print(f"Event source {name} is removed")
    return 0


def _secrets(file: Path | None) -> list[str]:
    if file is not None:
        try:
            text = file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise Refused(f"{file} cannot be read ({type(error).__name__})") from error
    elif sys.stdin.isatty():
        text = getpass("Secret: ")
    else:
        text = sys.stdin.read()
    secrets = [line.strip() for line in text.splitlines() if line.strip()]
    if not 1 <= len(secrets) <= _MOST or min(map(len, secrets)) < _SHORTEST:
        raise Refused(f"Give one to {_MOST} secrets of at least {_SHORTEST} characters, one a line")
    return secrets


def _print(text: str) -> None:
    Console(highlight=False).print(text, markup=False, soft_wrap=True)
