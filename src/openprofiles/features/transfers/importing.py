"""Runs an import: a thread reads the files ahead, a few have the database ingest."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Event

from openprofiles.connectors.files import Record
from openprofiles.core.operation import Answer, Caller, Invoke
from openprofiles.features.transfers.ahead import Ahead
from openprofiles.features.transfers.line import Line
from openprofiles.features.transfers.reading import Reading
from openprofiles.features.transfers.source import Source
from openprofiles.features.transfers.tally import Tally
from openprofiles.features.transfers.turn import Turn

BATCH_CHARACTERS = 4_000_000
"""No batch of large records takes much memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be imported where."""

    domain: str
    object_type: str
    sources: Sequence[Source]
    restart: bool = False
    delimiter: str | None = None
    import_id: str | None = None
    """What a new import is called; None for an id of its own."""


@dataclass(slots=True)
class State:
    """How far an import is, for those who watch."""

    tally: Tally
    begun_at: int
    """Records that earlier runs of the same import had done."""
    bytes_done: int = 0
    bytes_total: int = 0
    is_finished: bool = False


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
            "ImportId": order.import_id,
        },
        caller,
    )
    position: int = begun["Position"]
    reading = Reading(order.sources, skip=position, delimiter=order.delimiter)
    state = State(Tally.from_json(begun["Counts"]), position, bytes_total=reading.total_bytes)
    watch(state)
    stop = stop or Event()
    ahead = Ahead(partial(_cut, reading, begun["RecordsAtOnce"]), stop.is_set)
    target = {
        "DomainName": domain,
        "ObjectTypeName": order.object_type,
        "ImportId": begun["ImportId"],
    }

    def settle(line: Line[int]) -> bool:
        settled = line.settle()
        if settled is None:
            return False
        answer, state.bytes_done = settled
        state.tally = Tally.from_json(answer["Counts"])
        watch(state)
        return True

    with ahead.running() as batches, Line[int]() as line:
        for records, bytes_done in batches:
            parameters = {**target, "Position": position, "Records": records}
            line.submit(partial(_import, invoke, caller, parameters), bytes_done)
            position += len(records)
            if line.is_full:
                settle(line)
        while settle(line):
            continue
    if not stop.is_set():
        state.is_finished = True
        invoke("FinishImport", {"DomainName": domain, "ImportId": begun["ImportId"]}, caller)
    return state


def _import(invoke: Invoke, caller: Caller, parameters: Answer, turn: Turn) -> Answer:
    return invoke("ImportObjects", {**parameters, "Turn": turn}, caller)


def _cut(reading: Reading, at_once: int) -> Iterator[tuple[list[Record], int]]:
    """Batches of records with how many bytes of the files they end at."""
    batch: list[Record] = []
    characters = 0
    for record in reading:
        batch.append(record)
        characters += len(record.document)
        if len(batch) >= at_once or characters >= BATCH_CHARACTERS:
            yield batch, reading.bytes_done
            batch, characters = [], 0
    if batch:
        yield batch, reading.bytes_done
