"""Works on the files that were sent, one after the other, and removes those that nobody needs.

Killed at any moment, an import goes on behind its last batch. What may pass (the database is away,
a disk does not answer, a key cannot be used at the moment) holds one back for a while; anything
else ends it, with the reason, and it goes on when somebody asks for it while its file is kept.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

from openprofiles.connectors.files import Unreadable, of_name
from openprofiles.core.errors import (
    InternalServer,
    ResourceNotFound,
    ServiceError,
    Throttling,
)
from openprofiles.core.operation import Answer, Caller, Invoke
from openprofiles.features.transfers.importing import Order, State, import_objects
from openprofiles.features.transfers.operations import ContinuedElsewhere
from openprofiles.features.transfers.source import Source
from openprofiles.features.transfers.tuning import tuned_for_batches
from openprofiles.storage.database import DatabaseUnavailable
from openprofiles.storage.encryption import KeyUnavailable

_LATE = "It did not come to its end within 24 hours, so its file was removed"

PASSING = (DatabaseUnavailable, InternalServer, KeyUnavailable, OSError, Throttling)
"""What may be over when one tries again."""

logger = logging.getLogger(__name__)


def run_due(
    invoke: Invoke,
    caller: Caller,
    folder: Path,
    *,
    is_stopping: Callable[[], bool] = lambda: False,
) -> int:
    """Import what is here and not done, then remove files whose imports are over; how many."""
    count = 0
    for due in invoke("ListOpenFileImports", {}, caller)["FileImports"]:
        if is_stopping():
            break
        own = replace(caller, account_id=due["AccountId"])
        try:
            count += _work_on(invoke, own, folder, due, is_stopping)
        except ResourceNotFound:
            # Its domain was deleted meanwhile.
            continue
        except KeyUnavailable as refusal:
            # Not even that it waits can be noted.
            logger.warning("An import has to wait for a key", extra={"why": refusal.message})
    _remove_others(invoke, caller, folder)
    return count


def _work_on(
    invoke: Invoke, caller: Caller, folder: Path, due: Answer, is_stopping: Callable[[], bool]
) -> bool:
    """Whether there was something to do."""

    def end(status: str, message: str | None = None) -> bool:
        invoke("EndFileImport", {**_target(due), "Status": status, "Message": message}, caller)
        return True

    path = folder / due["FileImportId"]
    if due["IsRead"]:
        return end("COMPLETED")
    if due["IsLate"]:
        return end("FAILED", _LATE)
    # A file that is not here is on its way, or on the machine of another worker.
    if due["Status"] != "RUNNING" or due["IsHeld"] or not path.exists():
        return False
    try:
        with tuned_for_batches():
            state = _import(invoke, caller, path, due, is_stopping)
    except ContinuedElsewhere:
        # By a worker that took this one for dead; or it was stopped, and has an end already.
        return False
    except PASSING as error:
        return _hold(invoke, caller, due, error)
    except Unreadable as error:
        return end("FAILED", str(error).replace(str(path), due["FileName"]))
    except ServiceError as error:
        return end("FAILED", error.message)
    return end("COMPLETED") if state.is_finished else True


def _hold(invoke: Invoke, caller: Caller, due: Answer, error: Exception) -> bool:
    """Have it tried again later; one that waits for a key does so as long as its file is kept."""
    members = {
        "Message": _told(error),
        "WaitsLong": isinstance(error, KeyUnavailable),
    }
    logger.warning("An import has to wait", extra={"why": members["Message"]})
    invoke("HoldFileImport", {**_target(due), **members}, caller)
    return True


def _told(error: Exception) -> str:
    if isinstance(error, ServiceError):
        return error.message
    if isinstance(error, OSError):
        return f"The file could not be read: {error.strerror}"
    return "The database could not be reached"


def _import(
    invoke: Invoke, caller: Caller, path: Path, due: Answer, is_stopping: Callable[[], bool]
) -> State:
    file_format, is_compressed = of_name(due["FileName"])
    # StartFileImport took no other.
    assert file_format is not None  # noqa: S101
    source = Source(
        path=path,
        format=file_format,
        is_compressed=is_compressed,
        size=due["Bytes"],
        label=due["FileName"],
    )
    order = Order(
        domain=due["DomainName"],
        object_type=due["ObjectTypeName"],
        sources=[source],
        import_id=due["FileImportId"],
    )
    stop = Event()

    def watch(state: State) -> None:
        known = invoke("AdvanceFileImport", {**_target(due), "BytesDone": state.bytes_done}, caller)
        if known["Status"] != "RUNNING" or is_stopping():
            stop.set()

    return import_objects(invoke, caller, order, watch=watch, stop=stop)


def _remove_others(invoke: Invoke, caller: Caller, folder: Path) -> None:
    """Remove what no import needs any more; a file comes after its import, so none is missed."""
    files = list(folder.iterdir()) if folder.exists() else []
    if not files:
        return
    needed = set(invoke("ListNeededFileImports", {}, caller)["FileImportIds"])
    for file in files:
        if file.stem not in needed:
            file.unlink(missing_ok=True)


def _target(due: Answer) -> dict[str, Any]:
    return {"DomainName": due["DomainName"], "FileImportId": due["FileImportId"]}
