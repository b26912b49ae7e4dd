"""Turns: how many requests are worked on at once, and how many may wait for that.

Without a bound, requests queue up in the server, and when each waits longer than its caller does,
all work is for nobody. So whoever comes when the queue is full is told so at once.
"""

from collections import deque
from threading import Lock

from openprofiles.core.errors import Throttling

PATIENCE_SECONDS = 20.0
"""How long a request waits at most; SDKs give up after a minute."""


class Turns:
    """`at_once` requests are worked on, `waiting` more wait in order; Throttling for the others."""

    def __init__(self, *, at_once: int, waiting: int, patience: float = PATIENCE_SECONDS) -> None:
        self._free = at_once
        self._most_waiting = waiting
        self._patience = patience
        self._lock = Lock()
        self._waiting: deque[Lock] = deque()

    @property
    def is_full(self) -> bool:
        """Whether no turn is free and nobody more may wait."""
        return self._free == 0 and len(self._waiting) >= self._most_waiting

    @property
    def waiting(self) -> int:
        """How many wait now."""
        return len(self._waiting)

    def require_room(self) -> None:
        """Throttling when a request that comes now could not even wait."""
        if self.is_full:
            raise _overload()

    def take(self) -> None:
        """Wait for a turn, and have it until `give_back`; Throttling when there is none."""
        with self._lock:
            if self._free > 0:
                self._free -= 1
                return
            if len(self._waiting) >= self._most_waiting:
                raise _overload()
            mine = Lock()
            mine.acquire()
            self._waiting.append(mine)
        if not mine.acquire(timeout=self._patience):
            self._give_up(mine)

    def give_back(self) -> None:
        """Let the one have it who waits longest."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1

    def _give_up(self, mine: Lock) -> None:
        with self._lock:
            # Else it was given in this very moment.
            if mine in self._waiting:
                self._waiting.remove(mine)
                raise _overload()


def _overload() -> Throttling:
    return Throttling("The service has more requests than it can answer; try again later")
