"""`openprofiles import`: objects from files into a domain, or a whole domain from its archive."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console
from rich.table import Table

from openprofiles.app import Application
from openprofiles.cli.errors import Refused
from openprofiles.cli.opening import caller_of, opened
from openprofiles.cli.options import with_connection
from openprofiles.cli.progress import bar_of_import, bar_of_rows
from openprofiles.cli.saying import INTERRUPTED, console, refusing, say
from openprofiles.cli.writers import Writers
from openprofiles.core.settings import Settings
from openprofiles.features import transfers


@with_connection
@refusing
def import_files(
    settings: Settings,
    files: Annotated[
        list[str],
        Parameter(
            help="CSV, JSON Lines or Parquet, also .gz; - for JSON Lines from the input.",
            allow_leading_hyphen=True,
        ),
    ],
    /,
    *,
    domain: Annotated[str | None, Parameter(help="Where to; of an archive: its new name.")] = None,
    object_type: Annotated[str | None, Parameter(help="What the records are.")] = None,
    format: Annotated[
        transfers.Format | None, Parameter(help="When the name of a file does not tell it.")
    ] = None,
    delimiter: Annotated[
        str | None, Parameter(help="Between the columns of CSV; found out from the first line.")
    ] = None,
    restart: Annotated[
        bool,
        Parameter(
            help="Begin at the first record, also if an import was interrupted.", negative=""
        ),
    ] = False,
) -> int:
    """Import objects from files, going on where an interrupted import of the same files stands.

    An archive that `openprofiles export` wrote becomes a domain again.
    """
    if len(files) == 1 and transfers.is_archive(Path(files[0])):
        return _import_domain(settings, Path(files[0]), domain)
    if domain is None or object_type is None:
        raise Refused("Say where the records belong: --domain and --object-type")
    if delimiter is not None and len(delimiter) != 1:
        raise Refused("A delimiter is one character")
    order = transfers.Order(
        domain=domain,
        object_type=object_type,
        sources=transfers.find_sources(files, given_format=format),
        restart=restart,
        delimiter=delimiter,
    )
    with opened(settings) as application:
        return _import_objects(application, order)


def _import_objects(application: Application, order: transfers.Order) -> int:
    caller = caller_of(application.settings, "import")
    with (
        transfers.tuned_for_batches(),
        _stop_on_interrupt() as stop,
        bar_of_import(console) as watch,
        Writers(application) as invoke,
    ):
        state = transfers.import_objects(invoke, caller, order, watch=watch, stop=stop)
    _print_tally(state.tally, order)
    if state.is_finished:
        return 0
    if any(source.path is None for source in order.sources):
        say("Interrupted. What was read is imported; the input cannot be continued.")
    else:
        say(
            f"Interrupted after {state.tally.read:,} records. "
            "Start the same command again to go on from there."
        )
    return INTERRUPTED


def _import_domain(settings: Settings, path: Path, name: str | None) -> int:
    contents = transfers.check_archive(path)
    name = name or str(contents.manifest["domain"])
    with opened(settings) as application, bar_of_rows(console, contents.rows) as watch:
        application.invoke(
            "ImportDomain",
            {"DomainName": name, "Path": path, "Contents": contents, "Watch": watch},
            caller_of(settings, "import"),
        )
    print_rows(contents.rows, f"Imported {path.name} as domain {name}")
    return 0


@contextmanager
def _stop_on_interrupt() -> Iterator[threading.Event]:
    """An event that the first Ctrl-C sets, so that the batch at hand is finished; the second ends
    at once.
    """
    stop = threading.Event()

    def note(number: int, _: Any) -> None:
        stop.set()
        signal.signal(number, previous[signal.Signals(number)])

    previous = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in previous:
        signal.signal(number, note)
    try:
        yield stop
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _print_tally(tally: transfers.Tally, order: transfers.Order) -> None:
    names = ", ".join(source.name for source in order.sources)
    table = Table("", title=f"{names} as {order.object_type} of {order.domain}")
    table.add_column("Records", justify="right")
    for name, count in (
        ("read", tally.read),
        ("attached to a profile", tally.attached),
        ("created a profile", tally.created),
        ("updated an object", tally.updated),
        ("rejected", tally.rejected_count),
    ):
        table.add_row(name, f"{count:,}")
    _print(table)
    if tally.rejected:
        _print_rejections(tally)


def _print_rejections(tally: transfers.Tally) -> None:
    table = Table("Reason", title="Rejected")
    table.add_column("Records", justify="right")
    table.add_column("First at")
    most_first = sorted(tally.rejected.items(), key=lambda entry: -entry[1].count)
    for reason, rejections in most_first:
        table.add_row(reason, f"{rejections.count:,}", ", ".join(rejections.examples))
    _print(table)


def print_rows(rows: dict[str, int], title: str) -> None:
    """A table of how many rows each part of a domain has."""
    table = Table("", title=title)
    table.add_column("Rows", justify="right")
    for part, count in rows.items():
        table.add_row(part.replace("_", " "), f"{count:,}")
    _print(table)


def _print(table: Table) -> None:
    Console(highlight=False).print(table)
