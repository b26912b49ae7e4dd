"""Operations on imports of objects, beyond the AWS API; each call is one transaction.

An import is StartImport, ImportObjects for each batch in the order of the files, FinishImport.
Where it stands is stored with each batch: killed at any moment, it goes on where it was.
"""

from collections.abc import Sequence
from typing import Any, TypedDict

from openprofiles.core.errors import BadRequest
from openprofiles.core.operation import Answer, Operation, operation
from openprofiles.features import domains, object_types, profiles
from openprofiles.features.context import Context
from openprofiles.features.transfers import store
from openprofiles.features.transfers.record import Record, storable
from openprofiles.features.transfers.tally import Tally


class StartImportRequest(TypedDict):
    """`Source` identifies the files; `Restart` gives up an unfinished import of them."""

    DomainName: str
    ObjectTypeName: str
    Source: list[Any]
    Restart: bool


class ImportObjectsRequest(TypedDict):
    """`Position` is how many records of the files are done before this batch."""

    DomainName: str
    ObjectTypeName: str
    ImportId: str
    Position: int
    Records: Sequence[Record]


class FinishImportRequest(TypedDict):
    """The import that has come to the end of its files."""

    DomainName: str
    ImportId: str


@operation("StartImport")
def start_import(context: Context, request: StartImportRequest) -> Answer:
    """Begin an import, or find the unfinished one of the same files: its id, position and counts.

    ResourceNotFound when the domain or the object type is missing.
    """
    domain = domains.require_for_write(context, request["DomainName"])
    mapping = object_types.require_mapping(context, domain, request["ObjectTypeName"])
    transaction, source = context.transaction, request["Source"]
    found = store.find_unfinished(transaction, domain.id, mapping.name, source)
    if found is not None and not request["Restart"]:
        return _as_answer(found)
    if found is not None:
        store.finish(transaction, domain.id, found.id, now=context.now)
    begun = store.Progress(context.ordered_id(), 0, Tally().as_json())
    store.insert(
        transaction, domain.id, begun, object_type=mapping.name, source=source, now=context.now
    )
    return _as_answer(begun)


@operation("ImportObjects")
def import_objects(context: Context, request: ImportObjectsRequest) -> Answer:
    """Ingest the next records of an import; its position and counts after them.

    BadRequest when the import does not stand at `Position`: another process goes on with it.
    """
    domain = domains.require_for_write(context, request["DomainName"])
    mapping = object_types.require_mapping(context, domain, request["ObjectTypeName"])
    progress = store.lock(context.transaction, domain.id, request["ImportId"])
    if progress is None or progress.position != request["Position"]:
        raise BadRequest("This import is being continued by another process")

    records = request["Records"]
    tally = Tally.from_json(progress.counts)
    _ingest(context, domain, mapping, records, tally)
    after = store.Progress(progress.id, progress.position + len(records), tally.as_json())
    store.advance(context.transaction, domain.id, after, now=context.now)
    return _as_answer(after)


@operation("FinishImport")
def finish_import(context: Context, request: FinishImportRequest) -> Answer:
    """Note that an import is done, so that the same files begin a new one."""
    domain = domains.require_for_write(context, request["DomainName"])
    import_id = request["ImportId"]
    store.finish(context.transaction, domain.id, import_id, now=context.now)
    return {}


def _ingest(
    context: Context,
    domain: domains.Domain,
    mapping: object_types.Mapping,
    records: Sequence[Record],
    tally: Tally,
) -> None:
    documents: list[profiles.Document] = []
    places: list[str] = []
    rejections: list[profiles.Rejection] = []
    for record in records:
        problem = record.problem
        if problem is None:
            try:
                documents.append(profiles.read_document(record.document))
                places.append(record.place)
                continue
            except profiles.NotAnObject as error:
                problem = str(error)
        tally.reject(problem, record.place)
        kept = storable(record.document.encode())
        rejections.append(profiles.Rejection(kept, problem))
    profiles.keep_rejected(context, domain, mapping.name, rejections)
    outcomes = profiles.ingest(context, domain, mapping, documents, keeps_refused=True)
    for outcome, place in zip(outcomes, places, strict=True):
        if outcome.result == "rejected":
            tally.reject(outcome.reason or "", place)
        else:
            tally.add(outcome.result)


def _as_answer(progress: store.Progress) -> Answer:
    return {
        "ImportId": progress.id,
        "Position": progress.position,
        "Counts": progress.counts,
    }


OPERATIONS: tuple[Operation, ...] = (start_import, import_objects, finish_import)
