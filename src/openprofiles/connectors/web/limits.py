"""How long a source may take, how much it may send and how often it is asked again."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a session bears before it says SourceUnavailable.

    A source that asks for a longer wait than `longest_wait` is not waited for here: whoever runs
    the pull puts it off, and nothing is kept busy meanwhile.
    """

    connect_seconds: float = 10.0
    read_seconds: float = 60.0
    """How long nothing may come; an answer as a whole may take `answer_seconds`."""
    answer_seconds: float = 300.0
    answer_bytes: int = 64 << 20
    waits: tuple[float, ...] = (0.5, 2.0, 8.0)
    """Before each further attempt, in seconds; up to half as much is added, by lot."""
    longest_wait: float = 30.0
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.monotonic
