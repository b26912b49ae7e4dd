"""The service inside a command: opened on the database that the options name, closed at the end."""

from collections.abc import Iterator
from contextlib import contextmanager

from openprofiles.app import Application, open_application
from openprofiles.core.operation import Caller
from openprofiles.core.ourselves import ourselves
from openprofiles.core.settings import Settings


@contextmanager
def opened(settings: Settings) -> Iterator[Application]:
    """The service of the command's database, which a running `serve` may be using too."""
    application = open_application(settings)
    try:
        yield application
    finally:
        application.close()


def caller_of(settings: Settings, command: str) -> Caller:
    """Who calls when a command does."""
    return ourselves(settings, f"openprofiles {command}")
