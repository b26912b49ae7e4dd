"""`openprofiles erase`, `erasures` and `disclose`: a person's data, removed or handed over."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from openprofiles.cli.errors import Refused
from openprofiles.cli.opening import caller_of, opened
from openprofiles.cli.options import with_connection
from openprofiles.cli.saying import refusing
from openprofiles.core.operation import Answer
from openprofiles.core.settings import Settings

erasures = App(name="erasures", help="The receipts of erasures, and tombstones: list, show, lift.")

Domain = Annotated[str, Parameter(help="The domain.")]
ProfileIds = Annotated[list[str] | None, Parameter(help="Ids of the person's profiles.")]
KeyOption = Annotated[
    str | None,
    Parameter(name="--key", help="NAME=VALUE: the profile that has this value of a key."),
]
ErasureId = Annotated[str, Parameter(help="The id of the erasure, as `erasures list` shows it.")]


@with_connection
@refusing
def erase(
    settings: Settings,
    profile_ids: ProfileIds = None,
    /,
    *,
    domain: Domain,
    key: KeyOption = None,
    tombstone: Annotated[
        bool,
        Parameter(help="Reject later objects with the person's key values, too.", negative=""),
    ] = False,
    preview: Annotated[
        bool, Parameter(help="Say how much would be removed, and remove nothing.", negative="")
    ] = False,
) -> int:
    """Remove a person everywhere: profiles, objects, keys, values of the history, merges, matches,
    rejected objects. Leaves a receipt that says nothing of the person.
    """
    request = _person(domain, profile_ids, key)
    if preview:
        _print_json(_ask(settings, "PreviewErasure", request, "erase"))
        return 0
    _print_json(_ask(settings, "EraseProfile", {**request, "Tombstone": tombstone}, "erase"))
    return 0


@with_connection
@refusing
def disclose(
    settings: Settings,
    profile_ids: ProfileIds = None,
    /,
    *,
    domain: Domain,
    key: KeyOption = None,
    out: Annotated[Path, Parameter(help="The JSON file to write; it must not be there yet.")],
) -> int:
    """Write all that is held on a person (a data subject access request) to one JSON file."""
    answer = _ask(settings, "DiscloseProfile", _person(domain, profile_ids, key), "disclose")
    with out.open("xb") as file:
        out.chmod(0o600)
        file.write(msgspec.json.format(msgspec.json.encode(answer), indent=2))
    kinds = ", ".join(
        f"{len(found):,} {kind}" for kind, found in answer.items() if isinstance(found, list)
    )
    _print(f"Wrote {out}: {kinds}")
    return 0


@erasures.command(name="list")
@with_connection
@refusing
def list_erasures(
    settings: Settings,
    *,
    domain: Domain,
    tombstones: Annotated[
        bool, Parameter(help="Only those whose tombstone stands.", negative="")
    ] = False,
) -> int:
    """List the erasures of a domain, the newest first."""
    operation = "ListTombstones" if tombstones else "ListErasures"
    table = Table("Erasure", "When", "By", "Status", "Profiles", "Tombstone", box=None)
    request: dict[str, Any] = {"DomainName": domain}
    with opened(settings) as application:
        is_done = False
        while not is_done:
            answer = application.invoke(operation, request, caller_of(settings, "erasures"))
            for item in answer["Items"]:
                table.add_row(*_row(item))
            request["NextToken"] = answer["NextToken"]
            is_done = answer["NextToken"] is None
    if table.row_count:
        # As wide as its cells, also where the output is no terminal.
        Console(width=250, highlight=False, markup=False).print(table)
    else:
        _print("No erasures")
    return 0


@erasures.command(name="show")
@with_connection
@refusing
def show_erasure(settings: Settings, erasure_id: ErasureId, /, *, domain: Domain) -> int:
    """Show the receipt of an erasure as JSON."""
    request = {"DomainName": domain, "ErasureId": erasure_id}
    _print_json(_ask(settings, "GetErasure", request, "erasures"))
    return 0


@erasures.command(name="lift")
@with_connection
@refusing
def lift_tombstone(settings: Settings, erasure_id: ErasureId, /, *, domain: Domain) -> int:
    """Lift the tombstone of an erasure: objects of the person are taken again."""
    request = {"DomainName": domain, "ErasureId": erasure_id}
    _ask(settings, "DeleteTombstone", request, "erasures")
    _print(f"Lifted the tombstone of erasure {erasure_id}")
    return 0


def _row(item: Mapping[str, Any]) -> tuple[str, ...]:
    stands = item["TombstoneValues"] and "TombstoneLiftedAt" not in item
    return (
        item["ErasureId"],
        f"{item['ErasedAt']:%Y-%m-%d %H:%M:%S}",
        item["ErasedBy"],
        item["Status"],
        str(len(item["ProfileIds"])),
        "stands" if stands else "",
    )


def _person(domain: str, profile_ids: list[str] | None, key: str | None) -> dict[str, Any]:
    if bool(profile_ids) == bool(key):
        raise Refused("Give ids of profiles, or else --key NAME=VALUE")
    if key is None:
        return {"DomainName": domain, "ProfileIds": profile_ids}
    name, equals, value = key.partition("=")
    if not (name and equals and value):
        raise Refused("--key is NAME=VALUE")
    return {"DomainName": domain, "KeyName": name, "Values": [value]}


def _ask(settings: Settings, operation: str, request: dict[str, Any], command: str) -> Answer:
    with opened(settings) as application:
        return application.invoke(operation, request, caller_of(settings, command))


def _print(text: str) -> None:
    Console(highlight=False).print(text, markup=False, soft_wrap=True)


def _print_json(answer: Mapping[str, Any]) -> None:
    _print(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode())
