"""Runs an import: a thread reads the files ahead, a few have the database ingest."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from queue import Empty, Full, Queue
from threading import Event, Thread
from types import TracebackType

from openprofiles.connectors.files import Record
from openprofiles.core.operation import Answer, Caller, Invoke
from openprofiles.features.transfers.reading import Reading
from openprofiles.features.transfers.source import Source
from openprofiles.features.transfers.tally import Tally
from openprofiles.features.transfers.turn import Turn

BATCH_CHARACTERS = 4_000_000
"""No batch of large records takes much memory."""

BATCHES_AHEAD = 2
"""Read and waiting."""

BATCHES_UNDER_WAY = 3
"""In a transaction each: the database writes two while the next is decided on."""

WAIT_SECONDS = 0.1
STOP_SECONDS = 2.0

_END = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be imported where."""

    domain: str
    object_type: str
    sources: Sequence[Source]
    restart: bool = False
    delimiter: str | None = None


@dataclass(slots=True)
class State:
    """How far an import is, for those who watch."""

    tally: Tally
    begun_at: int
    """Records that earlier runs of the same import had done."""
    bytes_done: int = 0
    bytes_total: int = 0
    is_finished: bool = False


class _Batches:
    """Batches of records, read ahead in a thread; raises what reading raised."""

    def __init__(self, reading: Reading, at_once: int, stop: Event) -> None:
        self._reading = reading
        self._at_once = at_once
        self._told_to_stop = stop
        self._queue: Queue[tuple[list[Record], int] | Exception | None] = Queue(BATCHES_AHEAD)
        self._stop = Event()
        self._thread = Thread(target=self._read, name="import reader", daemon=True)

    def __iter__(self) -> Iterator[tuple[list[Record], int]]:
        """Batches with how many bytes of the files they end at; none any more when told to stop."""
        while not self._told_to_stop.is_set():
            try:
                item = self._queue.get(timeout=WAIT_SECONDS)
            except Empty:
                continue
            if item is _END:
                return
            if isinstance(item, Exception):
                raise item
            yield item

    @contextmanager
    def running(self) -> Iterator["_Batches"]:
        """With the thread at work; at the end it stops, whatever there is still to read."""
        self._thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            # A thread that waits for a slow standard input ends with the program.
            self._thread.join(STOP_SECONDS)

    def _read(self) -> None:
        try:
            for batch in self._cut():
                self._put((batch, self._reading.bytes_done))
                if self._stop.is_set():
                    return
            self._put(_END)
        except Exception as error:  # noqa: BLE001 (raised again where batches are taken)
            self._put(error)

    def _cut(self) -> Iterator[list[Record]]:
        batch: list[Record] = []
        characters = 0
        for record in self._reading:
            batch.append(record)
            characters += len(record.document)
            if len(batch) >= self._at_once or characters >= BATCH_CHARACTERS:
                yield batch
                batch, characters = [], 0
        if batch:
            yield batch

    def _put(self, item: tuple[list[Record], int] | Exception | None) -> None:
        while not self._stop.is_set():
            try:
                self._queue.put(item, timeout=WAIT_SECONDS)
            except Full:
                continue
            return


def import_objects(
    invoke: Invoke,
    caller: Caller,
    order: Order,
    *,
    watch: Callable[[State], None] = lambda _: None,
    stop: Event | None = None,
) -> State:
    """Import files, going on where an unfinished import of the same files stands.

    `watch` hears of each batch; `stop` ends the import after the batch at hand, to be continued.
    Raises Unreadable, ServiceError and DatabaseUnavailable; what is done then stays done.
    """
    domain = order.domain
    begun = invoke(
        "StartImport",
        {
            "DomainName": domain,
            "ObjectTypeName": order.object_type,
            "Source": [source.identity() for source in order.sources],
            "Restart": order.restart or any(source.path is None for source in order.sources),
        },
        caller,
    )
    position: int = begun["Position"]
    reading = Reading(order.sources, skip=position, delimiter=order.delimiter)
    state = State(Tally.from_json(begun["Counts"]), position, bytes_total=reading.total_bytes)
    watch(state)
    stop = stop or Event()
    ahead = _Batches(reading, begun["RecordsAtOnce"], stop)
    with ahead.running() as batches, _Line(invoke, caller, order, begun) as line:
        for records, bytes_done in batches:
            line.submit(records, bytes_done)
            if line.is_full:
                line.settle(state)
                watch(state)
        while line.settle(state):
            watch(state)
    if not stop.is_set():
        state.is_finished = True
        invoke("FinishImport", {"DomainName": domain, "ImportId": begun["ImportId"]}, caller)
    return state


class _Line:
    """Batches under way, in their order; raises what the first that failed raised."""

    def __init__(self, invoke: Invoke, caller: Caller, order: Order, begun: Answer) -> None:
        self._invoke = invoke
        self._caller = caller
        self._target = {
            "DomainName": order.domain,
            "ObjectTypeName": order.object_type,
            "ImportId": begun["ImportId"],
        }
        self._position: int = begun["Position"]
        self._last: Turn | None = None
        self._threads = ThreadPoolExecutor(BATCHES_UNDER_WAY, thread_name_prefix="import writer")
        self._under_way: deque[tuple[Future[Answer], int]] = deque()

    @property
    def is_full(self) -> bool:
        """Whether one must be settled before the next is submitted."""
        return len(self._under_way) >= BATCHES_UNDER_WAY

    def submit(self, records: list[Record], bytes_done: int) -> None:
        """Begin a batch, which ends at `bytes_done` of the files."""
        turn = Turn(self._last)
        future = self._threads.submit(self._import, records, self._position, turn)
        self._under_way.append((future, bytes_done))
        self._position += len(records)
        self._last = turn

    def settle(self, state: State) -> bool:
        """Wait for the first batch under way and note what came of it; False when there is none."""
        if not self._under_way:
            return False
        future, bytes_done = self._under_way.popleft()
        state.tally = Tally.from_json(future.result()["Counts"])
        state.bytes_done = bytes_done
        return True

    def _import(self, records: list[Record], position: int, turn: Turn) -> Answer:
        is_done = False
        try:
            answer = self._invoke(
                "ImportObjects",
                {**self._target, "Position": position, "Records": records, "Turn": turn},
                self._caller,
            )
            is_done = True
            return answer
        finally:
            turn.end(is_done=is_done)

    def __enter__(self) -> "_Line":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._threads.shutdown()
