"""`openprofiles sweep`: remove what has expired now, rather than when the schedule says so."""

from rich.console import Console

from openprofiles.cli.opening import Refused, caller_of, console, opened, refusals, refuse
from openprofiles.cli.options import with_connection
from openprofiles.core.settings import Settings
from openprofiles.features import expiry


@with_connection
def sweep(settings: Settings) -> int:
    """Remove expired objects and profiles, and what deleted domains left behind."""
    try:
        with refusals(), opened(settings) as application:
            caller = caller_of(settings, "sweep")
            with console.status("Sweeping"):
                swept = expiry.sweep(application.invoke, caller)
    except Refused as error:
        return refuse(error)
    Console(highlight=False).print(
        f"Removed {swept.objects:,} expired objects, {swept.profiles:,} expired profiles, "
        f"{swept.rows:,} rows of deleted domains",
        soft_wrap=True,
    )
    return 0
