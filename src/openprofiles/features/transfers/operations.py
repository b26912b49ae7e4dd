"""Operations on imports of objects, beyond the AWS API; each call is one transaction.

An import is StartImport, ImportObjects for each batch in the order of the files, FinishImport.
Where it stands is stored with each batch: killed at any moment, it goes on where it was.
"""

from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict

from openprofiles.connectors.files import Record
from openprofiles.core.errors import BadRequest
from openprofiles.core.operation import Answer, Operation, operation
from openprofiles.features import domains, object_types
from openprofiles.features.context import Context
from openprofiles.features.transfers import store, taking
from openprofiles.features.transfers.tally import Tally
from openprofiles.features.transfers.turn import Turn


class ContinuedElsewhere(BadRequest):
    """Another process goes on with the import, or it is over: what this one would do is done."""


class StartImportRequest(TypedDict):
    """`Source` identifies the files; `Restart` gives up an unfinished import of them;
    a new one is called `ImportId`, if given.
    """

    DomainName: str
    ObjectTypeName: str
    Source: list[Any]
    Restart: bool
    ImportId: NotRequired[str | None]


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

    ResourceNotFound when the domain or the object type is missing, BadRequest when `ImportId` is an
    import of other files.
    """
    # Alone: a batch of a process that was killed meanwhile has come to its end then, or to nothing.
    domain = domains.own(context, request["DomainName"])
    mapping = object_types.require_mapping(context, domain, request["ObjectTypeName"])
    transaction, source = context.transaction, request["Source"]
    at_once = taking.records_at_once(context, mapping)
    progress = store.find_unfinished(transaction, domain.id, mapping.name, source)
    if progress is not None and request["Restart"]:
        store.finish(transaction, domain.id, progress.id, now=context.now)
        progress = None
    if progress is None:
        given_id = request.get("ImportId")
        if given_id and store.is_begun(transaction, domain.id, given_id):
            raise BadRequest("The file is not the one with which this import began")
        import_id = given_id or context.ordered_id()
        progress = store.Progress(import_id, 0, Tally().as_json())
        store.insert(
            transaction,
            domain.id,
            progress,
            object_type=mapping.name,
            source=source,
            now=context.now,
        )
    return {**_as_answer(progress), "RecordsAtOnce": at_once}


@operation("ImportObjects", is_bulk=True)
def import_objects(context: Context, request: ImportObjectsRequest) -> Answer:
    """Ingest the next records of an import; its position and counts after them.

    ContinuedElsewhere when the import does not stand at `Position`.
    """
    domain = domains.require_for_write(context, request["DomainName"])
    mapping = object_types.require_mapping(context, domain, request["ObjectTypeName"])
    taken = taking.take(context, domain, mapping, request["Records"], request["Turn"])

    progress = store.lock(context.transaction, domain.id, request["ImportId"])
    if progress is None or progress.position != request["Position"]:
        raise ContinuedElsewhere("This import is being continued by another process")
    tally = Tally.from_json(progress.counts)
    taken.count(tally)
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


def _as_answer(progress: store.Progress) -> Answer:
    return {
        "ImportId": progress.id,
        "Position": progress.position,
        "Counts": progress.counts,
    }


OPERATIONS: tuple[Operation, ...] = (start_import, import_objects, finish_import)
