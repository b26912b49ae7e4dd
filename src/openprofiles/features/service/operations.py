"""How the service is, and its settings, beyond the AWS API."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypedDict

from openprofiles import __version__
from openprofiles.core.errors import AccessDenied
from openprofiles.core.operation import Answer, Operation, Route, operation
from openprofiles.features import work
from openprofiles.features.context import Context
from openprofiles.features.service import store
from openprofiles.features.service.shown import shown_settings
from openprofiles.storage import backups, processes
from openprofiles.storage.measuring import measure
from openprofiles.storage.migrating import database_version


class NothingRequest(TypedDict):
    """Nothing is asked for in particular."""


@operation(
    "GetServiceHealth", reads_only=True, route=Route("GET", "/service/health", NothingRequest)
)
def get_service_health(context: Context, _: NothingRequest) -> Answer:
    """How the service is: its version, its processes on all hosts, and what the jobs of the
    caller's account have still to do or failed to do within a day.

    `Database`, `Disk` (of the data directory) and `LastBackup` are told in the service's own
    account only; `LastBackup` is None as long as `openprofiles backup` has made none, `Disk` when
    the data directory is not on this machine. `Rejected` and `Letters` are counted up to 10,001.
    """
    transaction, account_id = context.transaction, context.caller.account_id
    letters, letters_since = store.count_letters(transaction, account_id)
    is_own = account_id == context.settings.account_id
    return {
        "Version": __version__,
        "Schema": database_version(transaction),
        "Auth": context.settings.auth,
        "HasTls": context.settings.tls_certificate is not None,
        "WebWorkers": context.settings.workers,
        "Processes": [
            {
                "Kind": process.kind,
                "Host": process.host,
                "ProcessId": process.process_id,
                "StartedAt": process.started_at,
            }
            for process in processes.list_running(transaction)
        ],
        "Backlog": [backlog.as_response() for backlog in work.count_backlog(context)],
        "Rejected": store.count_rejected(transaction, account_id),
        "Letters": letters,
        "LettersSince": letters_since,
        "Database": _database(context) if is_own else None,
        "Disk": _disk(context.settings.data_dir) if is_own else None,
        "LastBackup": _last_backup(context) if is_own else None,
    }


@operation("ListSettings", reads_only=True, route=Route("GET", "/service/settings", NothingRequest))
def list_settings(context: Context, _: NothingRequest) -> Answer:
    """The settings as they are in force in the process that answers, each with its default and
    where it comes from. What is secret is not shown, only whether it is set.

    AccessDenied in other accounts than the service's own.
    """
    if context.caller.account_id != context.settings.account_id:
        raise AccessDenied(
            "The settings are for the service's own account, which the setting account_id names"
        )
    return {"Items": shown_settings(context.settings)}


def _database(context: Context) -> Mapping[str, Any]:
    measures = measure(context.transaction)
    return {
        "Version": measures.version,
        "IsEmbedded": context.settings.database_url is None,
        "Bytes": measures.size,
        "Connections": measures.connections,
        "MostConnections": measures.most_connections,
        "StartedAt": measures.started_at,
        "DeletedDomains": store.count_deleted_domains(context.transaction),
    }


def _disk(folder: Path) -> Mapping[str, Any] | None:
    try:
        found = shutil.disk_usage(folder)
    except OSError:
        # With a database elsewhere there may be no such folder.
        return None
    return {"Bytes": found.total, "FreeBytes": found.free}


def _last_backup(context: Context) -> Mapping[str, Any] | None:
    row = backups.find_last(context.transaction)
    return None if row is None else {"MadeAt": row[0], "Bytes": row[1]}


OPERATIONS: tuple[Operation, ...] = (get_service_health, list_settings)
