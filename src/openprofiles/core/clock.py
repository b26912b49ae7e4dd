"""Time is passed in: everything that needs the moment takes a Clock, so tests can turn it."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)
