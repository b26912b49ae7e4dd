"""The service inside a command: opened on the database that the options name, closed at the end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec

from rich.console import Console

from openprofiles.app import Application, open_application
from openprofiles.cli.writers import WriterGone
from openprofiles.core.errors import ServiceError
from openprofiles.core.operation import Caller
from openprofiles.core.ourselves import ourselves
from openprofiles.core.settings import Settings
from openprofiles.features.transfers import Unreadable
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


class Refused(Exception):
    """The command cannot do what it was asked for; the text is a sentence for a person."""


@contextmanager
def opened(settings: Settings) -> Iterator[Application]:
    """The service of the command's database, which a running `serve` may be using too."""
    application = open_application(settings)
    try:
        yield application
    finally:
        application.close()


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


def caller_of(settings: Settings, command: str) -> Caller:
    """Who calls when a command does."""
    return ourselves(settings, f"openprofiles {command}")


def say(text: str, *, style: str | None = None) -> None:
    """Tell a person something, beside what the command prints."""
    console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)
