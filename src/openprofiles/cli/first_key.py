"""The first access key of a service that asks for signatures: without one nobody could call it."""

from openprofiles.cli.keys import secret_lines
from openprofiles.cli.opening import caller_of, opened
from openprofiles.core.settings import Settings


def make_first_key(settings: Settings) -> None:
    """Make a key that may do everything and print it, if there is no key yet.

    Whoever starts first makes it, also where several hosts share a database. It goes to the
    standard output and into no log.
    """
    with opened(settings) as application:
        made = application.invoke("MakeFirstAccessKey", {}, caller_of(settings, "serve"))
    if not made:
        return
    lines = [
        "The first access key, which may do everything. It is shown this once:",
        *(f"  {line}" for line in secret_lines(made)),
        "Make others with `openprofiles keys make`.",
    ]
    print("\n".join(lines), flush=True)  # noqa: T201 (a command speaks to people)
