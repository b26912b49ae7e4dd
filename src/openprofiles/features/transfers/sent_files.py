"""Operations on files that are sent to the console to be imported, beyond the AWS API.

StartFileImport awaits a file, which is put into the folder `imports_dir` of the settings under the
import's id; RunFileImport has the job worker import it.
"""

from datetime import datetime, timedelta
from operator import attrgetter
from typing import Annotated, NotRequired, TypedDict

from msgspec import Meta

from openprofiles.connectors.files import of_name
from openprofiles.core import paging
from openprofiles.core.errors import BadRequest, ResourceNotFound
from openprofiles.core.operation import Answer, Operation, Route, operation
from openprofiles.core.shapes import DomainName, ObjectTypeName, PageSize, ProfileId, Token
from openprofiles.features import domains, object_types
from openprofiles.features.context import Context
from openprofiles.features.transfers import sent_store, store

KEPT = timedelta(hours=24)
"""No file stays longer, whatever became of its import; that of one that failed stays so long."""

MOST_FAILURES = 12
"""How often an import is tried without going on: for three quarters of an hour."""

_FIRST_WAIT = timedelta(seconds=15)
_LONGEST_WAIT = timedelta(minutes=5)
_DEFAULT_PAGE = 100
_IMPORTS = "/domains/{DomainName}/file-imports"
_ONE = f"{_IMPORTS}/{{FileImportId}}"

FileName = Annotated[str, Meta(min_length=1, max_length=255)]


class StartRequest(TypedDict):
    """What the records are, and the file's name, which tells its format."""

    DomainName: DomainName
    ObjectTypeName: ObjectTypeName
    FileName: FileName


class OneRequest(TypedDict):
    """One import of a domain."""

    DomainName: DomainName
    FileImportId: ProfileId


class ListRequest(TypedDict):
    """A page of the imports of a domain."""

    DomainName: DomainName
    MaxResults: NotRequired[PageSize]
    NextToken: NotRequired[Token]


class AdvanceRequest(OneRequest):
    """How many bytes of the file are done."""

    BytesDone: int


class EndRequest(OneRequest):
    """How an import ended, and why."""

    Status: str
    Message: str | None


class HoldRequest(OneRequest):
    """Why an import cannot go on now; one that `WaitsLong` does so until its file goes."""

    Message: str
    WaitsLong: bool


@operation("StartFileImport", route=Route("POST", _IMPORTS, StartRequest))
def start_file_import(context: Context, request: StartRequest) -> Answer:
    """Await a file of records; the import, whose id the file gets as its name.

    BadRequest when the file's name tells no format that can be read.
    """
    domain = domains.require_for_write(context, request["DomainName"])
    mapping = object_types.require_mapping(context, domain, request["ObjectTypeName"])
    file_format, is_compressed = of_name(request["FileName"])
    if file_format is None:
        raise BadRequest("FileName must end in .csv, .json, .jsonl, .ndjson or .parquet")
    if file_format == "parquet" and is_compressed:
        raise BadRequest("FileName: Parquet compresses by itself; unpack the .gz first")
    import_id = context.ordered_id()
    sent_store.insert(
        context.transaction,
        domain.id,
        import_id,
        object_type=mapping.name,
        file_name=request["FileName"],
        now=context.now,
    )
    return _show(context, domain, import_id)


@operation("RunFileImport", route=Route("POST", f"{_ONE}/run", OneRequest))
def run_file_import(context: Context, request: OneRequest) -> Answer:
    """Have the job worker import a file that is here now; BadRequest when it is not."""
    domain = domains.require_for_write(context, request["DomainName"])
    found = _require(context, domain, request["FileImportId"])
    if found.status == "WAITING":
        try:
            size = (context.settings.imports_dir / found.id).stat().st_size
        except OSError as error:
            raise BadRequest("The file of this import is not here") from error
        sent_store.run(context.transaction, domain.id, found.id, size=size)
    return _show(context, domain, found.id)


@operation("GetFileImport", reads_only=True, route=Route("GET", _ONE, OneRequest))
def get_file_import(context: Context, request: OneRequest) -> Answer:
    """How far an import is, and what became of its records."""
    domain = domains.require(context, request["DomainName"])
    return _show(context, domain, request["FileImportId"])


@operation("ListFileImports", reads_only=True, route=Route("GET", _IMPORTS, ListRequest))
def list_file_imports(context: Context, request: ListRequest) -> Answer:
    """The imports of a domain, the newest first."""
    domain = domains.require(context, request["DomainName"])
    scope = ("ListFileImports", domain.id)
    before = paging.decode_id(scope, request.get("NextToken"), context.now)
    size = request.get("MaxResults", _DEFAULT_PAGE)
    found = sent_store.list_page(context.transaction, domain.id, before=before, limit=size + 1)
    page, token = paging.cut(scope, found, size, context.now, cursor_of=attrgetter("id"))
    return {"Items": [_as_response(context, item) for item in page], "NextToken": token}


@operation("StopFileImport", route=Route("POST", f"{_ONE}/stop", OneRequest))
def stop_file_import(context: Context, request: OneRequest) -> Answer:
    """End an import after the batch at hand, or give up one that failed; what it has done stays,
    its file goes.
    """
    domain = domains.require_for_write(context, request["DomainName"])
    sent_store.give_up(context.transaction, domain.id, request["FileImportId"])
    return _end(context, request, "STOPPED", None)


@operation("RetryFileImport", route=Route("POST", f"{_ONE}/retry", OneRequest))
def retry_file_import(context: Context, request: OneRequest) -> Answer:
    """Have an import that failed go on behind its last batch; nothing is done twice.

    BadRequest when it did not fail, or its file is no longer here.
    """
    domain = domains.require_for_write(context, request["DomainName"])
    found = _require(context, domain, request["FileImportId"])
    if found.status == "FAILED" and not has_kept_file(context, found.id, found.started_at):
        raise BadRequest("The file of this import is no longer here: send it again")
    # The row says it, not what was read before: somebody else may have been quicker.
    if not sent_store.retry(context.transaction, domain.id, found.id):
        raise BadRequest("Only an import that failed can be tried again: this one did not")
    # It ended, but did not come to the end of its file.
    store.reopen(context.transaction, domain.id, found.id, now=context.now)
    return _show(context, domain, found.id)


@operation("ListOpenFileImports", reads_only=True)
def list_open_file_imports(context: Context, _: object) -> Answer:
    """The imports of all accounts that have not ended, and which of them are late, or held
    back for a while.
    """
    return {
        "FileImports": [
            {
                "AccountId": account_id,
                "DomainName": name,
                "IsRead": sent.is_read,
                "IsLate": sent.started_at <= context.now - KEPT,
                "IsHeld": sent.retry_at is not None and sent.retry_at > context.now,
                **sent.as_response(),
            }
            for account_id, name, sent in sent_store.list_open(context.transaction)
        ]
    }


@operation("ListNeededFileImports", reads_only=True)
def list_needed_file_imports(context: Context, _: object) -> Answer:
    """The imports of all accounts whose files are kept: those that have not ended, and those that
    failed and can be tried again.
    """
    failed_after = context.now - KEPT
    return {"FileImportIds": sent_store.list_needed(context.transaction, failed_after=failed_after)}


@operation("AdvanceFileImport")
def advance_file_import(context: Context, request: AdvanceRequest) -> Answer:
    """Note how much of a file is done; how its import stands: it may have been stopped."""
    domain = domains.require_for_write(context, request["DomainName"])
    sent_store.advance(
        context.transaction, domain.id, request["FileImportId"], done=request["BytesDone"]
    )
    return _show(context, domain, request["FileImportId"])


@operation("HoldFileImport")
def hold_file_import(context: Context, request: HoldRequest) -> Answer:
    """Have an import that failed tried again later, unless it failed too often: then it is over."""
    domain = domains.require_for_write(context, request["DomainName"])
    found = _require(context, domain, request["FileImportId"])
    if found.failures + 1 >= MOST_FAILURES and not request["WaitsLong"]:
        message = f"Tried {MOST_FAILURES} times: {request['Message']}"
        return _end(context, request, "FAILED", message)
    sent_store.hold(
        context.transaction,
        domain.id,
        found.id,
        retry_at=context.now + wait_after(found.failures),
        message=request["Message"],
    )
    return _show(context, domain, found.id)


def wait_after(failures: int) -> timedelta:
    """How long to wait after a failure that had so many before it."""
    # Bounded, as the power of a large number is no timedelta.
    return min(_FIRST_WAIT * (1 << min(failures, 10)), _LONGEST_WAIT)


@operation("EndFileImport")
def end_file_import(context: Context, request: EndRequest) -> Answer:
    """Note how an import ended, unless it was stopped before."""
    return _end(context, request, request["Status"], request["Message"])


def _end(context: Context, request: OneRequest, status: str, message: str | None) -> Answer:
    domain = domains.require_for_write(context, request["DomainName"])
    found = _require(context, domain, request["FileImportId"])
    sent_store.end(
        context.transaction, domain.id, found.id, status=status, message=message, now=context.now
    )
    store.finish(context.transaction, domain.id, found.id, now=context.now)
    return _show(context, domain, found.id)


def _show(context: Context, domain: domains.Domain, import_id: str) -> Answer:
    return _as_response(context, _require(context, domain, import_id))


def _as_response(context: Context, sent: sent_store.SentFile) -> Answer:
    """The import, with `KeptUntil` when it failed and can be tried again."""
    if sent.status == "FAILED" and has_kept_file(context, sent.id, sent.started_at):
        return {**sent.as_response(), "KeptUntil": sent.started_at + KEPT}
    return sent.as_response()


def has_kept_file(context: Context, import_id: str, started_at: datetime) -> bool:
    """Whether the file of an import that failed is here, and stays for a while."""
    is_kept = started_at > context.now - KEPT
    return is_kept and (context.settings.imports_dir / import_id).exists()


def _require(context: Context, domain: domains.Domain, import_id: str) -> sent_store.SentFile:
    found = sent_store.find(context.transaction, domain.id, import_id)
    if found is None:
        raise ResourceNotFound(f"Import {import_id} not found in domain {domain.name}")
    return found


OPERATIONS: tuple[Operation, ...] = (
    start_file_import,
    run_file_import,
    get_file_import,
    list_file_imports,
    stop_file_import,
    retry_file_import,
    list_open_file_imports,
    list_needed_file_imports,
    advance_file_import,
    hold_file_import,
    end_file_import,
)
