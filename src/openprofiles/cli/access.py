"""What the commands on access keys and policies share: how they call, and how they show it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
from cyclopts import Parameter
from rich.console import Console
from rich.table import Table

from openprofiles.cli.errors import Refused
from openprofiles.cli.opening import caller_of, opened
from openprofiles.core.operation import Answer, Parameters
from openprofiles.core.settings import Settings

AsJson = Annotated[bool, Parameter(name="json", negative="", help="Print the answer as JSON.")]
PolicyFile = Annotated[
    Path | None, Parameter(help="A file with a policy as JSON, for this key alone.")
]
PolicyNames = Annotated[
    list[str] | None,
    Parameter(name="policy", help="The name of a policy, built-in or of the account; several."),
]


def call(settings: Settings, command: str, name: str, parameters: Parameters) -> Answer:
    """The answer of an operation, called by who sits at this machine."""
    with opened(settings) as application:
        return application.invoke(name, parameters, caller_of(settings, command))


def document_of(file: Path) -> str:
    """A policy in a file; Refused when it cannot be read."""
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{file} cannot be read ({type(error).__name__})") from error


def policies_of(names: list[str] | None, file: Path | None) -> dict[str, Any]:
    """The members of a request that give a key its policies."""
    given: dict[str, Any] = {"Policies": names or []}
    if file is not None:
        given["PolicyDocument"] = document_of(file)
    return given


def show_json(answer: Any) -> None:
    """Print an answer as JSON."""
    print_text(msgspec.json.format(msgspec.json.encode(answer)).decode())


def print_text(text: str) -> None:
    """Print text as it is."""
    Console(highlight=False).print(text, markup=False, soft_wrap=True)


def print_table(*heads: str, rows: Sequence[tuple[str, ...]]) -> None:
    """Print a table that is as wide as its cells, also where the output is no terminal."""
    table = Table(*heads, box=None)
    for row in rows:
        table.add_row(*row)
    Console(width=300, highlight=False, markup=False).print(table)
