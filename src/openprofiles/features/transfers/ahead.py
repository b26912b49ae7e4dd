"""Reads ahead in a thread, a little: whoever takes slowly slows the reading down."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import Generic, TypeVar

BATCHES_AHEAD = 2
"""Read and waiting."""

WAIT_SECONDS = 0.1
STOP_SECONDS = 2.0

T = TypeVar("T")


class Ahead(Generic[T]):
    """What `read` gives, read in a thread; raises what reading raised."""

    def __init__(
        self,
        read: Callable[[], Iterator[T]],
        is_stopping: Callable[[], bool],
        *,
        name: str = "import reader",
    ) -> None:
        self._read_all = read
        self._is_stopping = is_stopping
        self._queue: Queue[tuple[T] | Exception | None] = Queue(BATCHES_AHEAD)
        self._stop = Event()
        self._thread = Thread(target=self._read, name=name, daemon=True)

    def __iter__(self) -> Iterator[T]:
        """What was read, in its order; nothing any more when told to stop."""
        while not self._is_stopping():
            try:
                item = self._queue.get(timeout=WAIT_SECONDS)
            except Empty:
                continue
            if item is None:
                return
            if isinstance(item, Exception):
                raise item
            yield item[0]

    @contextmanager
    def running(self) -> Iterator["Ahead[T]"]:
        """With the thread at work; at the end it stops, whatever there is still to read."""
        self._thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            # A thread that waits for a slow source ends with the program.
            self._thread.join(STOP_SECONDS)

    @property
    def has_ended(self) -> bool:
        """Whether the thread has come to its end, so that nobody uses the source any more."""
        return not self._thread.is_alive()

    def _read(self) -> None:
        try:
            for batch in self._read_all():
                self._put((batch,))
                if self._stop.is_set():
                    return
            self._put(None)
        except Exception as error:  # noqa: BLE001 (raised again where batches are taken)
            self._put(error)

    def _put(self, item: tuple[T] | Exception | None) -> None:
        while not self._stop.is_set():
            try:
                self._queue.put(item, timeout=WAIT_SECONDS)
            except Full:
                continue
            return
