"""Operations on imports of objects, beyond the AWS API; each call is one transaction.

An import is StartImport, ImportObjects for each batch in the order of the files, FinishImport.
Where it stands is stored with each batch: killed at any moment, it goes on where it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict

from openprofiles.connectors.files import Record, storable
from openprofiles.core.errors import BadRequest
from openprofiles.core.operation import Answer, Operation, operation
from openprofiles.features import domains, object_types, profiles
from openprofiles.features.context import Context
from openprofiles.features.transfers import store
from openprofiles.features.transfers.tally import Tally
from openprofiles.features.transfers.turn import Turn

MAX_RECORDS = 1000
"""A batch is one transaction: large enough to pay for its commit, small enough to hold a few."""

STANDARD_KEYS = 6
"""Key values of its own that a profile has, about: mail, phone, account, name, id."""


class StartImportRequest(TypedDict):
    """`Source` identifies the files; `Restart` gives up an unfinished import of them."""

    DomainName: str
    ObjectTypeName: str
    Source: list[Any]
    Restart: bool


class ImportObjectsRequest(TypedDict):
    """`Position` is how many records of the files are done before this batch; `Turn` is its place
    among those under way.
    """

    DomainName: str
    ObjectTypeName: str
    ImportId: str
    Position: int
    Records: Sequence[Record]
    Turn: Turn


class FinishImportRequest(TypedDict):
    """The import that has come to the end of its files."""

    DomainName: str
    ImportId: str


@operation("StartImport")
def start_import(context: Context, request: StartImportRequest) -> Answer:
    """Begin an import, or find the unfinished one of the same files: its id, position and counts,
    and how many records to import at once.

    ResourceNotFound when the domain or the object type is missing.
    """
    domain = domains.require_for_write(context, request["DomainName"])
    mapping = object_types.require_mapping(context, domain, request["ObjectTypeName"])
    transaction, source = context.transaction, request["Source"]
    locks = store.count_locks(transaction)
    progress = store.find_unfinished(transaction, domain.id, mapping.name, source)
    if progress is not None and request["Restart"]:
        store.finish(transaction, domain.id, progress.id, now=context.now)
        progress = None
    if progress is None:
        progress = store.Progress(context.ordered_id(), 0, Tally().as_json())
        store.insert(
            transaction,
            domain.id,
            progress,
            object_type=mapping.name,
            source=source,
            now=context.now,
        )
    at_once = records_at_once(locks, len(mapping.key_names))
    return {**_as_answer(progress), "RecordsAtOnce": at_once}


@operation("ImportObjects", is_bulk=True)
def import_objects(context: Context, request: ImportObjectsRequest) -> Answer:
    """Ingest the next records of an import; its position and counts after them.

    BadRequest when the import does not stand at `Position`: another process goes on with it.
    """
    domain = domains.require_for_write(context, request["DomainName"])
    mapping = object_types.require_mapping(context, domain, request["ObjectTypeName"])
    batch, turn = _read(request["Records"]), request["Turn"]
    turn.begin()
    outcomes = profiles.ingest(
        context,
        domain,
        mapping,
        batch.documents,
        keeps_refused=True,
        before_writing=turn.pass_on,
    )
    profiles.keep_rejected(context, domain, mapping.name, batch.rejections)
    turn.pass_on()
    turn.wait_for_commit()

    progress = store.lock(context.transaction, domain.id, request["ImportId"])
    if progress is None or progress.position != request["Position"]:
        raise BadRequest("This import is being continued by another process")
    tally = Tally.from_json(progress.counts)
    batch.count(outcomes, tally)
    after = store.Progress(
        progress.id, progress.position + len(request["Records"]), tally.as_json()
    )
    store.advance(context.transaction, domain.id, after, now=context.now)
    return _as_answer(after)


@operation("FinishImport")
def finish_import(context: Context, request: FinishImportRequest) -> Answer:
    """Note that an import is done, so that the same files begin a new one."""
    domain = domains.require_for_write(context, request["DomainName"])
    import_id = request["ImportId"]
    store.finish(context.transaction, domain.id, import_id, now=context.now)
    return {}


def records_at_once(locks: int, keys: int) -> int:
    """How large a batch may be on a server with so many locks, of a type with so many keys.

    Each key value of a batch is locked, the type's own and those of the standard profile. Three
    batches are under way, and two fifths of the locks are left to others.
    """
    return max(1, min(MAX_RECORDS, locks // (5 * (keys + STANDARD_KEYS))))


@dataclass(slots=True)
class _Batch:
    """Records as ingestion takes them, and those that it cannot take."""

    documents: list[profiles.Document] = field(default_factory=list)
    taken: list[Record] = field(default_factory=list)
    rejections: list[profiles.Rejection] = field(default_factory=list)
    rejected_places: list[str] = field(default_factory=list)

    def reject(self, record: Record, problem: str) -> None:
        """Keep a record that is no document."""
        kept = storable(record.document.encode())
        self.rejections.append(profiles.Rejection(kept, problem))
        self.rejected_places.append(record.place)

    def count(self, outcomes: Sequence[profiles.Outcome], tally: Tally) -> None:
        """Add what became of the records."""
        for rejection, place in zip(self.rejections, self.rejected_places, strict=True):
            tally.reject(rejection.reason, place)
        for outcome, record in zip(outcomes, self.taken, strict=True):
            if outcome.result == "rejected":
                tally.reject(outcome.reason or "", record.place)
            else:
                tally.add(outcome.result)


def _read(records: Sequence[Record]) -> _Batch:
    batch = _Batch()
    for record in records:
        if record.problem is not None:
            batch.reject(record, record.problem)
            continue
        try:
            batch.documents.append(profiles.read_document(record.document))
        except profiles.NotAnObject as error:
            batch.reject(record, str(error))
        else:
            batch.taken.append(record)
    return batch


def _as_answer(progress: store.Progress) -> Answer:
    return {
        "ImportId": progress.id,
        "Position": progress.position,
        "Counts": progress.counts,
    }


OPERATIONS: tuple[Operation, ...] = (start_import, import_objects, finish_import)
