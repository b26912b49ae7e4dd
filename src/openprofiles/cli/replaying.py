"""`openprofiles replay`: map the stored objects of a type once more, or show what that would do."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any, Protocol

import msgspec
from cyclopts import Parameter
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from openprofiles.cli.opening import caller_of, opened
from openprofiles.cli.options import with_connection
from openprofiles.cli.saying import console, refusing
from openprofiles.core.operation import Answer
from openprofiles.core.settings import Settings
from openprofiles.features import replays


class Watch(Protocol):
    """Hears how a replay stands after each batch."""

    def __call__(self, state: Answer) -> None: ...


@with_connection
@refusing
def replay(
    settings: Settings,
    *,
    domain: Annotated[str, Parameter(help="The domain.")],
    object_type: Annotated[str, Parameter(help="The object type whose mapping has changed.")],
    dry_run: Annotated[
        bool, Parameter(help="Count and show what would change, and change nothing.", negative="")
    ] = False,
    json: Annotated[bool, Parameter(help="Print all that is known, as JSON.", negative="")] = False,
) -> int:
    """Map all stored objects of a type once more, as the type is now.

    Interrupted, the same command goes on where it was, and so does the job worker of `serve`.
    """
    caller = caller_of(settings, "replay")
    with opened(settings) as application, _bar(dry_run=dry_run) as watch:
        request = {"DomainName": domain, "ObjectTypeName": object_type, "DryRun": dry_run}
        begun = application.invoke("StartReplay", request, caller)
        state = replays.run(application.invoke, caller, domain, begun["ReplayId"], watch=watch)
    if json:
        _print([msgspec.json.format(msgspec.json.encode(state), indent=2).decode()])
    else:
        _print(_lines(state))
    return 0 if state["Status"] == "COMPLETED" else 1


def _lines(state: Mapping[str, Any]) -> list[str]:
    would = "would change" if state["DryRun"] else "changed"
    lines = [
        f"{state['Status']}: {state['Objects']:,} objects, {state['Changed']:,} {would},"
        f" {state['Unchanged']:,} as they are, {state['Rejected']:,} cannot be mapped",
        f"Moved to another profile: {state['Moved']:,}; profiles made: "
        f"{state['ProfilesCreated']:,}; profiles left without objects: "
        f"{state['ProfilesEmptied']:,}",
    ]
    if state["Rekeyed"]:
        lines.append(
            f"With another unique key: {state['Rekeyed']:,}, of which "
            f"{state['United']:,} have that of another object"
        )
    if state["RecordsChanged"]:
        lines.append(f"With another standard record: {state['RecordsChanged']:,}")
    for title, member in (
        ("Field", "Fields"),
        ("New key", "KeysAdded"),
        ("Former key", "KeysDropped"),
        ("Cannot be mapped", "Reasons"),
    ):
        ranked = sorted(state[member].items(), key=lambda counted: (-counted[1], counted[0]))
        lines += [f"  {title}: {name}: {number:,}" for name, number in ranked]
    if message := state.get("Message"):
        lines.append(message)
    return lines


@contextmanager
def _bar(*, dry_run: bool) -> Iterator[Watch]:
    with Progress(
        TextColumn("looking" if dry_run else "mapping"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    ) as progress:
        task = progress.add_task("", total=None)

        def watch(state: Answer) -> None:
            progress.update(task, total=state["Total"] or None, completed=state["Objects"])

        yield watch


def _print(lines: list[str]) -> None:
    Console(highlight=False, markup=False).print("\n".join(lines), soft_wrap=True)
