"""What a command says to a person, and why it refuses; knows nothing of the service, which takes
half a second to load.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from rich.console import Console

from openprofiles.cli.errors import Refused, WriterGone
from openprofiles.connectors.files import Unreadable
from openprofiles.core.errors import ServiceError
from openprofiles.storage.database import DatabaseUnavailable
from openprofiles.storage.errors import BackupFailed
from openprofiles.storage.sessions import SessionLost

INTERRUPTED = 130
"""The exit code of a command that Ctrl-C ended, as shells have it."""

DATABASE_GONE = (
    "The database went away. What was done is kept: start the same command again to go on"
)

console = Console(stderr=True)

P = ParamSpec("P")


def refusing(command: Callable[P, int]) -> Callable[P, int]:
    """`command`, which says in a sentence what a person can do something about; exit code 1."""

    @wraps(command)
    def call(*arguments: P.args, **options: P.kwargs) -> int:
        try:
            return command(*arguments, **options)
        except Refused as error:
            return refuse(error)
        except ServiceError as error:
            return refuse(Refused(error.message))
        except (BackupFailed, Unreadable, FileExistsError, WriterGone) as error:
            return refuse(Refused(str(error)))
        except (DatabaseUnavailable, SessionLost):
            return refuse(Refused(DATABASE_GONE))

    return call


def refuse(error: Refused) -> int:
    """Say why; the exit code."""
    say(f"openprofiles: {error}", style="red")
    return 1


def say(text: str, *, style: str | None = None) -> None:
    """Tell a person something, beside what the command prints."""
    console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)
