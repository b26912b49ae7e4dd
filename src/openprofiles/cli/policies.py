"""`openprofiles policies`: what access keys may do."""

import re
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from openprofiles.cli import access
from openprofiles.cli.access import AsJson
from openprofiles.cli.errors import Refused
from openprofiles.cli.options import with_connection
from openprofiles.cli.saying import refusing
from openprofiles.core.settings import Settings

app = App(name="policies", help="Policies that access keys have: list, show, put, remove.")

_COMMAND = "policies"
_NAME = re.compile(r"[\w+=,.@-]{1,128}")

Name = Annotated[str, Parameter(help="The name of the policy.")]


@app.command(name="list")
@with_connection
@refusing
def list_policies(settings: Settings, *, as_json: AsJson = False) -> int:
    """List the built-in policies and those of the account."""
    items = access.call(settings, _COMMAND, "ListPolicies", {})["Items"]
    if as_json:
        access.show_json(items)
        return 0
    rows = [
        (item["PolicyName"], "built-in", item["Description"])
        if item["IsBuiltIn"]
        else (item["PolicyName"], f"{item['LastUpdatedAt']:%Y-%m-%d %H:%M}", "")
        for item in items
    ]
    access.print_table("Name", "Changed", "What it allows", rows=rows)
    return 0


@app.command
@with_connection
@refusing
def show(settings: Settings, name: Name, /, *, as_json: AsJson = False) -> int:
    """Show the document of a policy."""
    answer = access.call(settings, _COMMAND, "GetPolicy", {"PolicyName": name})
    if as_json:
        access.show_json(answer)
    else:
        access.print_text(answer["PolicyDocument"])
    return 0


@app.command
@with_connection
@refusing
def put(
    settings: Settings,
    name: Name,
    file: Annotated[Path, Parameter(help="A file with the policy as JSON.")],
    /,
    *,
    as_json: AsJson = False,
) -> int:
    """Make a policy, or replace its document for all keys that have it."""
    if not _NAME.fullmatch(name):
        raise Refused("A name has up to 128 letters, digits and + = , . @ _ -")
    request = {"PolicyName": name, "PolicyDocument": access.document_of(file)}
    answer = access.call(settings, _COMMAND, "PutPolicy", request)
    if as_json:
        access.show_json(answer)
    else:
        access.print_text(f"Policy {name} is kept")
    return 0


@app.command
@with_connection
@refusing
def remove(settings: Settings, name: Name, /) -> int:
    """Remove a policy that no key has."""
    access.call(settings, _COMMAND, "DeletePolicy", {"PolicyName": name})
    access.print_text(f"Policy {name} is removed")
    return 0
