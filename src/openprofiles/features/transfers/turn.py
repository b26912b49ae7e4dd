"""The order of an import's batches, a few of which are under way: while the database writes one,
the next is decided on.

Each has all its locks before the one behind asks for any, and commits before that does. So a batch
may wait for one before it, in the database or here, and never the other way round.
"""

from threading import Event

from openprofiles.storage.database import DatabaseUnavailable


class OutOfTurn(DatabaseUnavailable):
    """The batch before did not come to its end, or this one was begun twice: nothing was done."""


class Turn:
    """One batch's place behind another's (None = it is the first)."""

    def __init__(self, before: "Turn | None" = None) -> None:
        self._before = before
        self._is_begun = False
        self._passed_on = Event()
        self._ended = Event()
        self._is_done = False

    def begin(self) -> None:
        """Wait until the batch before has all its locks; raises OutOfTurn when called again.

        A transaction that is begun anew, on another connection, has lost its locks, and the batch
        behind may have them: the two would wait for each other.
        """
        if self._is_begun:
            raise OutOfTurn("The connection broke while a batch was under way")
        self._is_begun = True
        if self._before is not None:
            self._before._passed_on.wait()

    def pass_on(self) -> None:
        """The batch has all its locks: the one behind may begin."""
        self._passed_on.set()

    def wait_for_commit(self) -> None:
        """Wait for the end of the batch before; raises OutOfTurn when it failed."""
        if self._before is not None:
            self._before._ended.wait()
            if not self._before._is_done:
                raise OutOfTurn("The batch before failed")
            self._before = None

    def end(self, *, is_done: bool) -> None:
        """The transaction of the batch has ended; `is_done` says that it was committed."""
        self._is_done = is_done
        self._passed_on.set()
        self._ended.set()
