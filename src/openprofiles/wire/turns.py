"""Turns: how many requests are worked on at once, and how many may wait for that.

Without a bound, requests queue up in the server, and when each waits longer than its caller does,
all work is for nobody. So whoever comes when the queue is full is told so at once.
"""

from queue import Empty, SimpleQueue
from threading import Lock

from openprofiles.core.errors import Throttling

PATIENCE_SECONDS = 20.0
"""How long a request waits at most; SDKs give up after a minute."""


class Turns:
    """`at_once` requests are worked on, `waiting` more wait; Throttling for all beyond."""

    def __init__(self, *, at_once: int, waiting: int, patience: float = PATIENCE_SECONDS) -> None:
        self._free: SimpleQueue[None] = SimpleQueue()
        for _ in range(at_once):
            self._free.put(None)
        self._most_waiting = waiting
        self._waiting = 0
        self._patience = patience
        self._lock = Lock()

    def require_room(self) -> None:
        """Throttling when a request that comes now could not even wait."""
        if self.is_full:
            raise _overload()

    @property
    def is_full(self) -> bool:
        """Whether no turn is free and nobody more may wait."""
        return self._waiting >= self._most_waiting and self._free.empty()

    def take(self) -> None:
        """Wait for a turn, and have it until `give_back`."""
        try:
            self._free.get_nowait()
        except Empty:
            self._wait()

    def give_back(self) -> None:
        """Let the next one have it."""
        self._free.put(None)

    def _wait(self) -> None:
        with self._lock:
            if self._waiting >= self._most_waiting:
                raise _overload()
            self._waiting += 1
        try:
            self._free.get(timeout=self._patience)
        except Empty:
            raise _overload() from None
        finally:
            with self._lock:
                self._waiting -= 1


def _overload() -> Throttling:
    return Throttling("The service has more requests than it can answer; try again later")
