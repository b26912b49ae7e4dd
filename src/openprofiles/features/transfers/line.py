"""Batches under way, in their order: while the database writes one, the next is decided on."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Generic, TypeVar

from openprofiles.core.operation import Answer
from openprofiles.features.transfers.turn import Turn

BATCHES_UNDER_WAY = 3
"""In a transaction each: the database writes two while the next is decided on."""

T = TypeVar("T")


class Line(Generic[T]):
    """Batches under way, each with a note of who submitted it; raises what the first that failed
    raised.
    """

    def __init__(self) -> None:
        self._last: Turn | None = None
        self._threads = ThreadPoolExecutor(BATCHES_UNDER_WAY, thread_name_prefix="import writer")
        self._under_way: deque[tuple[Future[Answer], T]] = deque()

    @property
    def is_full(self) -> bool:
        """Whether one must be settled before the next is submitted."""
        return len(self._under_way) >= BATCHES_UNDER_WAY

    def submit(self, work: Callable[[Turn], Answer], note: T) -> None:
        """Begin a batch: an operation that is given its turn."""
        turn = Turn(self._last)
        self._under_way.append((self._threads.submit(_do, work, turn), note))
        self._last = turn

    def settle(self) -> tuple[Answer, T] | None:
        """Wait for the first batch under way: its answer and its note; None when there is none."""
        if not self._under_way:
            return None
        future, note = self._under_way.popleft()
        return future.result(), note

    def __enter__(self) -> "Line[T]":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._threads.shutdown()


def _do(work: Callable[[Turn], Answer], turn: Turn) -> Answer:
    is_done = False
    try:
        answer = work(turn)
        is_done = True
        return answer
    finally:
        turn.end(is_done=is_done)
