"""Runs an import: one thread reads the files ahead while the other has the database ingest."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from queue import Full, Queue
from threading import Event, Thread

from openprofiles.core.operation import Caller, Invoke
from openprofiles.features.transfers.reading import Reading
from openprofiles.features.transfers.record import Record
from openprofiles.features.transfers.source import Source
from openprofiles.features.transfers.tally import Tally

BATCH_RECORDS = 1000
BATCH_CHARACTERS = 4_000_000
"""A batch is one transaction: large enough to pay for its commit, small enough to hold a few in
memory."""

BATCHES_AHEAD = 2

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

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._queue: Queue[tuple[list[Record], int] | Exception | None] = Queue(BATCHES_AHEAD)
        self._stop = Event()
        self._thread = Thread(target=self._read, name="import reader", daemon=True)

    def __iter__(self) -> Iterator[tuple[list[Record], int]]:
        """Batches with how many bytes of the files they end at."""
        while (item := self._queue.get()) is not _END:
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
            self._thread.join()

    def _read(self) -> None:
        try:
            for batch in self._cut():
                self._put((batch, self._reading.bytes_done))
            self._put(_END)
        except Exception as error:  # noqa: BLE001 (raised again where batches are taken)
            self._put(error)

    def _cut(self) -> Iterator[list[Record]]:
        batch: list[Record] = []
        characters = 0
        for record in self._reading:
            batch.append(record)
            characters += len(record.document)
            if len(batch) >= BATCH_RECORDS or characters >= BATCH_CHARACTERS:
                yield batch
                batch, characters = [], 0
            if self._stop.is_set():
                return
        if batch:
            yield batch

    def _put(self, item: tuple[list[Record], int] | Exception | None) -> None:
        while not self._stop.is_set():
            try:
                self._queue.put(item, timeout=0.1)
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
    domain, object_type = order.domain, order.object_type
    begun = invoke(
        "StartImport",
        {
            "DomainName": domain,
            "ObjectTypeName": object_type,
            "Source": [source.identity() for source in order.sources],
            "Restart": order.restart or any(source.path is None for source in order.sources),
        },
        caller,
    )
    position: int = begun["Position"]
    reading = Reading(order.sources, skip=position, delimiter=order.delimiter)
    state = State(Tally.from_json(begun["Counts"]), position, bytes_total=reading.total_bytes)
    watch(state)
    with _Batches(reading).running() as batches:
        for records, bytes_done in batches:
            if stop is not None and stop.is_set():
                return state
            answer = invoke(
                "ImportObjects",
                {
                    "DomainName": domain,
                    "ObjectTypeName": object_type,
                    "ImportId": begun["ImportId"],
                    "Position": position,
                    "Records": records,
                },
                caller,
            )
            position = answer["Position"]
            state.tally = Tally.from_json(answer["Counts"])
            state.bytes_done = bytes_done
            watch(state)
    invoke("FinishImport", {"DomainName": domain, "ImportId": begun["ImportId"]}, caller)
    state.is_finished = True
    return state
