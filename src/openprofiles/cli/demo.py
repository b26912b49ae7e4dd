"""`openprofiles demo`: the service with an invented company in it, to look at."""

import sys
import time
from functools import partial
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from openprofiles.app import open_application
from openprofiles.cli.engines import require_engine
from openprofiles.cli.errors import Refused
from openprofiles.cli.options import with_settings_of
from openprofiles.cli.saying import console, refuse, refusing
from openprofiles.cli.serve import Aside, run
from openprofiles.core.clock import system_clock
from openprofiles.core.ourselves import ourselves
from openprofiles.core.settings import Settings
from openprofiles.storage.sessions import holding

DOMAIN = "harbour-and-pine"
CUSTOMERS = 2_000
DATA_DIR = Path("openprofiles-demo")
FAILURE = "The demo could not be filled: see the lines above"


@with_settings_of(data_dir=DATA_DIR, log_level="warning")
@refusing
def demo(
    settings: Settings,
    *,
    domain: Annotated[str, Parameter(help="The domain that is filled.")] = DOMAIN,
    customers: Annotated[int, Parameter(help="How many customers are invented.")] = CUSTOMERS,
    fill_only: Annotated[
        bool, Parameter(help="Fill the domain, and serve nothing.", negative="")
    ] = False,
) -> int:
    """Start the service with a company to look at: invented customers of several sources, with
    duplicates, orders, cases, contacts and what a year has left behind.

    The domain is filled once; a later start finds it again. Ctrl-C stops the service.
    """
    require_engine(settings)
    if fill_only:
        return fill(settings, domain, customers)
    work = partial(fill, settings, domain, customers)
    return run(settings, Aside(work, FAILURE, partial(_say_where, domain)))


@refusing
def fill(settings: Settings, domain: str, customers: int) -> int:
    """Fill the domain if it is not, and say what is in it; the exit code."""
    # Imported here: only who fills needs it, in a process of its own.
    from openprofiles.demo import filling
    from openprofiles.demo.service import Moment, Service

    moment = Moment(system_clock())
    application = open_application(settings, moment)
    started = time.monotonic()
    try:
        service = Service(
            invoke=application.invoke,
            caller=ourselves(settings, "openprofiles demo"),
            settings=settings,
            hold=partial(holding, application.database.conninfo),
            moment=moment,
            domain=domain,
        )
        with _bar() as progress:
            task = progress.add_task("", total=None)
            filled = filling.fill(
                service,
                customers,
                watch=lambda text, done, total: progress.update(
                    task, description=text, completed=done, total=total
                ),
            )
    except filling.NotOurs as error:
        return refuse(Refused(str(error)))
    finally:
        application.close()
    how = f"filled in {time.monotonic() - started:.1f} s" if filled.is_new else "as it was"
    _print(
        f"Domain {domain}, {how}: {filled.profiles:,} profiles, {filled.objects:,} objects,"
        f" {filled.matches:,} groups of duplicates"
    )
    return 0


def _say_where(domain: str, url: str) -> None:
    base = f"{url}/console/domains/{domain}"
    _print(
        f"\nThe console:  {base}\n"
        "  Find        customers by a name, a number, an address: try Müller, or 田中\n"
        "  Duplicates  who may be one person, and why; merge them, or say that they are not\n"
        "  Data in     object types, files, integrations with their runs, what was rejected\n"
        "  Insight     the year in charts; Operate has the service itself\n"
        "Ctrl-C stops it; the same command finds everything again.\n"
    )


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )


def _print(text: str) -> None:
    Console(highlight=False, markup=False, file=sys.stdout).print(text, soft_wrap=True)
