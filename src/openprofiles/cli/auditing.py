"""`openprofiles audit`: who did what, when, as lines for other programs."""

import csv
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from cyclopts import Parameter

from openprofiles.app import Application
from openprofiles.cli.opening import caller_of, opened
from openprofiles.cli.options import with_connection
from openprofiles.cli.saying import refusing
from openprofiles.core.settings import Settings

MEMBERS = (
    *("Id", "At", "Kind", "DomainName", "ProfileId", "Subject", "Principal", "PerformedBy"),
    "RequestId",
)


@with_connection
@refusing
def audit(
    settings: Settings,
    *,
    domain: Annotated[str | None, Parameter(help="The domain; without, the account.")] = None,
    since: Annotated[datetime | None, Parameter(help="From this moment on (UTC).")] = None,
    until: Annotated[datetime | None, Parameter(help="Before this moment (UTC).")] = None,
    principal: Annotated[str | None, Parameter(help="Done by this name or ARN.")] = None,
    kind: Annotated[
        str | None, Parameter(help="An operation, `noun.verb`, or all of `noun.`.")
    ] = None,
    format: Annotated[Literal["jsonl", "csv"], Parameter(help="What to write.")] = "jsonl",
) -> int:
    """Write who did what in a domain, or in the account, the oldest first."""
    given = {"Since": since, "Until": until, "Principal": principal, "Kind": kind}
    request = {name: value for name, value in given.items() if value is not None}
    name = "ListAccountAuditEntries" if domain is None else "ListAuditEntries"
    if domain is not None:
        request["DomainName"] = domain
    with opened(settings) as application:
        write = _write_csv if format == "csv" else _write_lines
        write(_entries(application, settings, name, request))
    return 0


def _entries(
    application: Application, settings: Settings, name: str, request: dict[str, Any]
) -> Iterator[Mapping[str, Any]]:
    while True:
        answer = application.invoke(name, request, caller_of(settings, "audit"))
        yield from answer["Items"]
        if answer["NextToken"] is None:
            return
        request["NextToken"] = answer["NextToken"]


def _write_lines(entries: Iterator[Mapping[str, Any]]) -> None:
    for entry in entries:
        sys.stdout.write(msgspec.json.encode(entry).decode() + "\n")


def _write_csv(entries: Iterator[Mapping[str, Any]]) -> None:
    writer = csv.DictWriter(sys.stdout, MEMBERS, lineterminator="\n")
    writer.writeheader()
    for entry in entries:
        writer.writerow({**entry, "At": entry["At"].isoformat()})
