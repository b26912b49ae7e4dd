"""Group commit: calls of one kind that wait at the same time are done together, in one transaction.

The first call leads: it is done at once, alone. Calls that arrive while it runs wait, and are then
done together by one of them. So a lone caller waits for nobody, and many callers share the round
trips and the flush to disk that each would have paid for.
"""

from collections.abc import Callable, Hashable, Sequence
from threading import Event, Lock
from typing import Any

from openprofiles.core.errors import ServiceError
from openprofiles.storage.database import DatabaseUnavailable

MOST_TOGETHER = 64


class _Turn:
    """One call: what it asks, and what comes of it or who must be done together with it."""

    __slots__ = ("answer", "batch", "call", "error", "ready")

    def __init__(self, call: Any) -> None:
        self.call = call
        self.ready = Event()
        self.batch: list[_Turn] | None = None
        self.answer: Any = None
        self.error: BaseException | None = None

    def result(self) -> Any:
        if isinstance(self.error, ServiceError):
            # Threads must not share one exception: each adds its own traceback to it.
            raise type(self.error)(self.error.message) from self.error
        if isinstance(self.error, DatabaseUnavailable):
            raise DatabaseUnavailable(*self.error.args) from self.error
        if self.error is not None:
            raise self.error
        return self.answer


class Gathering:
    """Calls by what they may be done together with."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: dict[Hashable, list[_Turn]] = {}

    def do(self, group: Hashable, call: Any, work: Callable[[Sequence[Any]], Sequence[Any]]) -> Any:
        """What `work` answers for `call`; it is given all calls of `group` that are done together.

        An answer that is a ServiceError is raised; an error of `work` itself is raised for each of
        its calls, after each was tried alone; but not again where it may have been done
        (DatabaseUnavailable), which would tell the journal twice.
        """
        turn = _Turn(call)
        with self._lock:
            waiting = self._waiting.get(group)
            if waiting is None:
                self._waiting[group] = []
                turn.batch = [turn]
            else:
                waiting.append(turn)
        if turn.batch is None:
            turn.ready.wait()
        if turn.batch is not None:
            self._lead(group, turn.batch, work)
        return turn.result()

    def _lead(
        self, group: Hashable, batch: list[_Turn], work: Callable[[Sequence[Any]], Sequence[Any]]
    ) -> None:
        try:
            _answer(batch, work)
        finally:
            self._hand_over(group)
            for turn in batch:
                turn.batch = None
                turn.ready.set()

    def _hand_over(self, group: Hashable) -> None:
        """Let the first of those who came meanwhile lead the next batch."""
        with self._lock:
            waiting = self._waiting[group]
            following = waiting[:MOST_TOGETHER]
            del waiting[:MOST_TOGETHER]
            if not following:
                del self._waiting[group]
                return
        following[0].batch = following
        following[0].ready.set()


def _answer(batch: list[_Turn], work: Callable[[Sequence[Any]], Sequence[Any]]) -> None:
    try:
        answers = work([turn.call for turn in batch])
    except BaseException as error:  # noqa: BLE001 (handed to the threads whose calls these are)
        if len(batch) > 1 and not isinstance(error, (ServiceError, DatabaseUnavailable)):
            # One call may be the undoing of all: each gets its own answer.
            for turn in batch:
                _answer([turn], work)
            return
        for turn in batch:
            turn.error = error
        return
    for turn, answer in zip(batch, answers, strict=True):
        if isinstance(answer, ServiceError):
            turn.error = answer
        else:
            turn.answer = answer
