"""How a process is tuned while it takes batches of records."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

TURN_SECONDS = 0.0005

ALLOCATIONS = 1_000_000
"""More than the objects of all batches under way; garbage in cycles is looked for when so many have
been made and not given back.
"""


class _Tuning:
    """How many batches of records are under way in this process, and what it was before the first.

    Runs overlap and end in any order: each giving back what it found would leave the process tuned
    for good when the one that began first ends first.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._users = 0
        self._usual = gc.get_threshold()
        self._turn = sys.getswitchinterval()

    def begin(self) -> None:
        with self._lock:
            self._users += 1
            if self._users == 1:
                self._usual, self._turn = gc.get_threshold(), sys.getswitchinterval()
                gc.set_threshold(ALLOCATIONS, *self._usual[1:])
                sys.setswitchinterval(TURN_SECONDS)

    def end(self) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0:
                sys.setswitchinterval(self._turn)
                gc.set_threshold(*self._usual)


_TUNING = _Tuning()


@contextmanager
def tuned_for_batches() -> Iterator[None]:
    """Look for garbage in cycles hardly ever, and let threads take turns sooner.

    A batch makes a hundred thousand objects and hardly a cycle, and looking through them again and
    again takes a quarter of the time. A thread whose answer has come from the database waits for
    the other one's turn to end, and its session of the database waits with it.

    Nothing is frozen (`gc.freeze`): that starts the count of new objects again, so where runs are
    looked for every few seconds the count never gets far enough, and no cycle is ever given back.
    """
    _TUNING.begin()
    try:
        yield
    finally:
        _TUNING.end()
