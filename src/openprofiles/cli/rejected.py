"""`openprofiles rejected`: objects that could not be placed: see, count, try again, drop."""

import re
from collections.abc import Mapping, Sequence
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

app = App(
    name="rejected",
    help="Objects that could not be placed: list, count, show, retry, drop.",
)

_COMMAND = "rejected"
_ID = re.compile("[0-9a-f]{32}")

Domain = Annotated[str, Parameter(help="The domain.")]
RejectionId = Annotated[str, Parameter(help="The id, as `rejected list` shows it.")]
RejectionIds = Annotated[list[str] | None, Parameter(help="Ids, as `rejected list` shows them.")]
ObjectType = Annotated[str | None, Parameter(help="Only those of this object type.")]
Reason = Annotated[str | None, Parameter(help="Only those with exactly this reason.")]
All = Annotated[bool, Parameter(name="--all", help="All of the domain.", negative="")]


@app.command(name="list")
@with_connection
@refusing
def list_rejected(
    settings: Settings,
    *,
    domain: Domain,
    object_type: ObjectType = None,
    reason: Reason = None,
    limit: Annotated[int, Parameter(help="How many at most.")] = 100,
) -> int:
    """List the rejected objects of a domain, the newest first."""
    request = _request(domain, object_type=object_type, reason=reason)
    items: list[Mapping[str, Any]] = []
    with opened(settings) as application:
        while len(items) < limit:
            request["MaxResults"] = min(100, limit - len(items))
            answer = application.invoke(
                "ListRejectedObjects", request, caller_of(settings, _COMMAND)
            )
            items.extend(answer["Items"])
            if answer["NextToken"] is None:
                break
            request["NextToken"] = answer["NextToken"]
    rows = [
        (
            item["RejectionId"],
            f"{item['RejectedAt']:%Y-%m-%d %H:%M:%S}",
            item["ObjectTypeName"],
            str(item["Tries"]),
            item["Reason"],
        )
        for item in items
    ]
    _print_table(("Id", "When", "Object type", "Retries", "Reason"), rows)
    return 0


@app.command(name="count")
@with_connection
@refusing
def count_rejected(settings: Settings, *, domain: Domain, object_type: ObjectType = None) -> int:
    """Count the rejected objects of a domain by type and reason."""
    answer = _ask(settings, "CountRejectedObjects", _request(domain, object_type=object_type))
    rows = [
        (f"{item['Count']:,}", item["ObjectTypeName"], item["Reason"]) for item in answer["Items"]
    ]
    _print_table(("Objects", "Object type", "Reason"), rows)
    return 0


@app.command(name="show")
@with_connection
@refusing
def show_rejected(settings: Settings, rejection_id: RejectionId, /, *, domain: Domain) -> int:
    """Show a rejected object as JSON, with its document."""
    request = {"DomainName": domain, "RejectionId": _id(rejection_id)}
    answer = _ask(settings, "GetRejectedObject", request)
    _print(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode())
    return 0


@app.command(name="retry")
@with_connection
@refusing
def retry_rejected(
    settings: Settings,
    rejection_ids: RejectionIds = None,
    /,
    *,
    domain: Domain,
    object_type: ObjectType = None,
    reason: Reason = None,
    all: All = False,
    document: Annotated[
        Path | None,
        Parameter(help="A file with a changed document, to ingest in place of the only one."),
    ] = None,
) -> int:
    """Ingest rejected objects again; those that are rejected again stay."""
    if document is not None:
        return _retry_changed(settings, domain, rejection_ids or [], document)
    request = _request(domain, rejection_ids, object_type=object_type, reason=reason, all=all)
    ingested = again = 0
    with opened(settings) as application:
        while True:
            answer = application.invoke(
                "RetryRejectedObjects", request, caller_of(settings, _COMMAND)
            )
            ingested += answer["Ingested"]
            again += answer["RejectedAgain"]
            if answer["NextToken"] is None:
                break
            request["NextToken"] = answer["NextToken"]
    _print(f"{ingested:,} ingested, {again:,} rejected again")
    return 0


@app.command(name="drop")
@with_connection
@refusing
def drop_rejected(
    settings: Settings,
    rejection_ids: RejectionIds = None,
    /,
    *,
    domain: Domain,
    object_type: ObjectType = None,
    reason: Reason = None,
    all: All = False,
) -> int:
    """Remove rejected objects for good."""
    request = _request(domain, rejection_ids, object_type=object_type, reason=reason, all=all)
    dropped = 0
    with opened(settings) as application:
        is_done = False
        while not is_done:
            answer = application.invoke(
                "DropRejectedObjects", request, caller_of(settings, _COMMAND)
            )
            dropped += answer["Dropped"]
            is_done = answer["IsDone"]
    _print(f"{dropped:,} dropped")
    return 0


@app.command(name="queue")
@with_connection
@refusing
def show_queue(
    settings: Settings,
    *,
    domain: Domain,
    retry: Annotated[
        bool, Parameter(help="Try all again now, also what was given up.", negative="")
    ] = False,
) -> int:
    """Show what waits for the dead-letter queue of a domain, and whether the queue takes it."""
    request = {"DomainName": domain}
    if retry:
        _ask(settings, "RetryDeadLetters", request)
    answer = _ask(settings, "GetDeadLetterQueue", request)
    _print(f"Queue: {answer['DeadLetterQueueUrl'] or 'none'}")
    since = answer["OldestRejectedAt"]
    oldest = f", the oldest since {since:%Y-%m-%d %H:%M:%S}" if since else ""
    _print(f"Waiting: {answer['Waiting']:,}{oldest}; given up: {answer['GivenUp']:,}")
    if answer["Problem"]:
        _print(
            f"The queue failed {answer['Failures']:,} times ({answer['Problem']}); "
            f"next try at {answer['RetryAt']:%Y-%m-%d %H:%M:%S}"
        )
    return 0


def _retry_changed(settings: Settings, domain: str, ids: list[str], path: Path) -> int:
    if len(ids) != 1:
        raise Refused("A changed document takes the place of one rejected object: give one id")
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{path} cannot be read ({type(error).__name__})") from error
    request = {"DomainName": domain, "RejectionId": _id(ids[0]), "Object": text}
    answer = _ask(settings, "RetryRejectedObject", request)
    if answer["Result"] == "rejected":
        raise Refused(f"Rejected again: {answer['Reason']}")
    _print(f"Ingested: {answer['Result']} on profile {answer['ProfileId']}")
    return 0


def _request(domain: str, ids: list[str] | None = None, **given: Any) -> dict[str, Any]:
    """A request, with those members that options gave."""
    members = {
        "RejectionIds": [_id(text) for text in ids or ()],
        "ObjectTypeName": given.get("object_type"),
        "Reason": given.get("reason"),
        "All": given.get("all"),
    }
    return {"DomainName": domain} | {name: value for name, value in members.items() if value}


def _id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise Refused("The id of a rejected object is 32 digits from 0 to f")
    return text


def _ask(settings: Settings, operation: str, request: dict[str, Any]) -> Answer:
    with opened(settings) as application:
        return application.invoke(operation, request, caller_of(settings, _COMMAND))


def _print_table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    if not rows:
        _print("No rejected objects")
        return
    table = Table(*head, box=None)
    for row in rows:
        table.add_row(*row)
    # As wide as its cells, also where the output is no terminal.
    Console(width=250, highlight=False, markup=False).print(table)


def _print(text: str) -> None:
    Console(highlight=False).print(text, markup=False, soft_wrap=True)
