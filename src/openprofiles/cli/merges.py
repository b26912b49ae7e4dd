"""`openprofiles merges`: the merges of a domain, why they were done, and undoing them."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from openprofiles.cli.errors import Refused
from openprofiles.cli.opening import caller_of, opened
from openprofiles.cli.options import with_connection
from openprofiles.cli.saying import refusing
from openprofiles.core.settings import Settings

app = App(name="merges", help="The merges of a domain: list, show, undo.")

_COMMAND = "merges"
_ID = re.compile("[0-9a-f]{32}")

Domain = Annotated[str, Parameter(help="The domain.")]
MergeId = Annotated[str, Parameter(help="The id of the merge, as `merges list` shows it.")]


@app.command(name="list")
@with_connection
@refusing
def list_merges(
    settings: Settings,
    *,
    domain: Domain,
    profile: Annotated[
        str | None, Parameter(help="Only merges that the profile with this id took part in.")
    ] = None,
    limit: Annotated[int, Parameter(help="How many at most.")] = 100,
) -> int:
    """List the merges of a domain, the newest first."""
    request: dict[str, Any] = {"DomainName": domain, "NextToken": None}
    if profile is not None:
        request["ProfileId"] = _id(profile, "profile")
    items: list[dict[str, Any]] = []
    with opened(settings) as application:
        while len(items) < limit:
            request["MaxResults"] = min(100, limit - len(items))
            answer = application.invoke("ListMerges", request, caller_of(settings, _COMMAND))
            items.extend(answer["Items"])
            request["NextToken"] = answer["NextToken"]
            if answer["NextToken"] is None:
                break
    if not items:
        _print("No merges")
        return 0
    table = Table("Merge", "When", "Cause", "Main profile", "Merged", "Undone", box=None)
    for item in items:
        table.add_row(*map(_cell, _row(item)))
    # As wide as its cells, also where the output is no terminal.
    Console(width=200, highlight=False).print(table)
    return 0


@app.command(name="show")
@with_connection
@refusing
def show_merge(settings: Settings, merge_id: MergeId, /, *, domain: Domain) -> int:
    """Show the receipt of a merge as JSON: who or what merged, why, what lost, what moved."""
    _print_json(_ask(settings, "GetMerge", domain, merge_id))
    return 0


@app.command(name="undo")
@with_connection
@refusing
def undo_merge(
    settings: Settings,
    merge_id: MergeId,
    /,
    *,
    domain: Domain,
    preview: Annotated[
        bool, Parameter(help="Show as JSON what the undo would do, and do nothing.", negative="")
    ] = False,
) -> int:
    """Undo a merge: the merged profiles come back with what was theirs."""
    if preview:
        _print_json(_ask(settings, "PreviewUndoMerge", domain, merge_id))
        return 0
    answer = _ask(settings, "UndoMerge", domain, merge_id)
    restored = ", ".join(item["ProfileId"] for item in answer["RestoredProfiles"])
    _print(
        f"Undid merge {merge_id}: {restored} restored with {answer['MovedObjectCount']:,} objects; "
        f"{answer['StayingObjectCount']:,} objects stay on {answer['MainProfile']['ProfileId']}"
    )
    return 0


def _ask(settings: Settings, operation: str, domain: str, merge_id: str) -> Mapping[str, Any]:
    request = {"DomainName": domain, "MergeId": _id(merge_id, "merge")}
    with opened(settings) as application:
        return application.invoke(operation, request, caller_of(settings, _COMMAND))


def _id(text: str, kind: str) -> str:
    if not _ID.fullmatch(text):
        raise Refused(f"The id of a {kind} is 32 digits from 0 to f")
    return text


def _row(item: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        item["MergeId"],
        item["MergedAt"],
        item["Cause"],
        item["MainProfileId"],
        "\n".join(item["MergedProfileIds"]),
        item["UndoneAt"],
    )


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else f"{value:%Y-%m-%d %H:%M:%S}"


def _print(text: str) -> None:
    Console(highlight=False).print(text, markup=False, soft_wrap=True)


def _print_json(answer: Mapping[str, Any]) -> None:
    _print(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode())
