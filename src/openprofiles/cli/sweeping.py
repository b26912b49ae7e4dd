"""`openprofiles sweep`: remove what has expired now, rather than when the schedule says so."""

from rich.console import Console

from openprofiles.cli.opening import caller_of, opened
from openprofiles.cli.options import with_connection
from openprofiles.cli.saying import console, refusing
from openprofiles.core.settings import Settings
from openprofiles.features import expiry


@with_connection
@refusing
def sweep(settings: Settings) -> int:
    """Remove expired objects and profiles, and what deleted domains left behind."""
    with opened(settings) as application, console.status("Sweeping"):
        swept = expiry.sweep(application.invoke, caller_of(settings, "sweep"))
    Console(highlight=False).print(
        f"Removed {swept.objects:,} expired objects, {swept.profiles:,} expired profiles, "
        f"{swept.records:,} old records of histories, {swept.rows:,} rows of deleted domains, "
        f"{swept.entries:,} old entries of the audit",
        soft_wrap=True,
    )
    return 0
