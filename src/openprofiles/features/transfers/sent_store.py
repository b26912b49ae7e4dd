"""SQL of the transfers room: files that were sent to be imported, and how far each has come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openprofiles.core.ids import LAST, Id
from openprofiles.features.transfers.tally import Tally
from openprofiles.storage.database import Row, Transaction

_COLUMNS = """
    file_imports.import_id, file_imports.object_type, file_name, size, bytes_done, status, message,
    file_imports.started_at, ended_at, failures, retry_at, counts,
    finished_at is not null and ended_at is null
"""
_FROM = "from file_imports left join imports using (domain_id, import_id)"


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFile:
    """One file and its import; `is_read` says that all its records are done and only its end is to
    be noted, `failures` how often it failed since it last went on.
    """

    id: Id
    object_type: str
    file_name: str
    size: int
    bytes_done: int
    status: str
    message: str | None
    started_at: datetime
    ended_at: datetime | None
    failures: int
    retry_at: datetime | None
    counts: Mapping[str, Any]
    is_read: bool

    def as_response(self) -> dict[str, Any]:
        """The import as our operations show it."""
        members = {
            "FileImportId": self.id,
            "ObjectTypeName": self.object_type,
            "FileName": self.file_name,
            "Status": self.status,
            "Message": self.message,
            "Bytes": self.size,
            "BytesDone": self.bytes_done,
            "StartedAt": self.started_at,
            "EndedAt": self.ended_at,
            "Failures": self.failures or None,
            "RetryAt": self.retry_at,
            "Read": self.counts["read"],
            "Attached": self.counts["attached"],
            "Created": self.counts["created"],
            "Updated": self.counts["updated"],
            "Rejected": [
                {"Reason": reason, "Count": found["count"], "Examples": found["examples"]}
                for reason, found in self.counts["rejected"].items()
            ],
        }
        return {name: value for name, value in members.items() if value is not None}


def insert(
    transaction: Transaction,
    domain_id: int,
    import_id: Id,
    *,
    object_type: str,
    file_name: str,
    now: datetime,
) -> None:
    """Await a file."""
    transaction.send(
        """
        insert into file_imports (
            domain_id, import_id, object_type, file_name, size, bytes_done, status, started_at)
        values (%s, %s, %s, %s, 0, 0, 'WAITING', %s)
        """,
        [domain_id, import_id, object_type, file_name, now],
    )


def find(transaction: Transaction, domain_id: int, import_id: Id) -> SentFile | None:
    """An import of a domain."""
    row = transaction.row(
        f"select {_COLUMNS} {_FROM} where domain_id = %s and import_id = %s",
        [domain_id, import_id],
    )
    return _sent(row) if row else None


def list_page(
    transaction: Transaction, domain_id: int, *, before: Id | None, limit: int
) -> list[SentFile]:
    """Imports of a domain, the newest first."""
    rows = transaction.rows(
        f"select {_COLUMNS} {_FROM} "
        "where domain_id = %s and import_id < %s order by import_id desc limit %s",
        [domain_id, before or LAST, limit],
    )
    return [_sent(row) for row in rows]


def list_open(transaction: Transaction) -> list[tuple[str, str, SentFile]]:
    """(account, domain's name, import) of all that have not ended, the oldest first."""
    rows = transaction.rows(
        f"select account_id, name, {_COLUMNS} {_FROM} "
        "join domains using (domain_id) where ended_at is null order by import_id"
    )
    return [(row[0], row[1], _sent(row[2:])) for row in rows]


def list_needed(transaction: Transaction, *, failed_after: datetime) -> list[Id]:
    """Imports whose files somebody may still need: those that have not ended, and those that failed
    and began after a moment.
    """
    rows = transaction.rows(
        """
        select import_id from file_imports join domains using (domain_id) where ended_at is null
        union all
        select import_id from file_imports join domains using (domain_id)
        where status = 'FAILED' and started_at > %s
        """,
        [failed_after],
    )
    return [import_id for (import_id,) in rows]


def run(transaction: Transaction, domain_id: int, import_id: Id, *, size: int) -> None:
    """Note that the file is here."""
    transaction.send(
        """
        update file_imports set status = 'RUNNING', size = %s
        where domain_id = %s and import_id = %s and status = 'WAITING'
        """,
        [size, domain_id, import_id],
    )


def advance(transaction: Transaction, domain_id: int, import_id: Id, *, done: int) -> None:
    """Note how much of the file is done, which ends the failures; the first note of one that is
    taken up again says nothing new.
    """
    transaction.send(
        """
        update file_imports set bytes_done = %s, failures = 0, retry_at = null, message = null
        where domain_id = %s and import_id = %s and ended_at is null and bytes_done < %s
        """,
        [done, domain_id, import_id, done],
    )


def hold(
    transaction: Transaction, domain_id: int, import_id: Id, *, retry_at: datetime, message: str
) -> None:
    """Note that an import failed and is tried again later, unless it is over."""
    transaction.send(
        """
        update file_imports set failures = failures + 1, retry_at = %s, message = %s
        where domain_id = %s and import_id = %s and ended_at is null
        """,
        [retry_at, message, domain_id, import_id],
    )


def end(
    transaction: Transaction,
    domain_id: int,
    import_id: Id,
    *,
    status: str,
    message: str | None,
    now: datetime,
) -> None:
    """Note that an import is over, unless it was before."""
    transaction.send(
        """
        update file_imports set status = %s, message = %s, ended_at = %s, retry_at = null
        where domain_id = %s and import_id = %s and ended_at is null
        """,
        [status, message, now, domain_id, import_id],
    )


def retry(transaction: Transaction, domain_id: int, import_id: Id) -> bool:
    """Set an import that failed going again, as if it never had; False when it did not fail."""
    return (
        transaction.send(
            """
            update file_imports
            set status = 'RUNNING', message = null, ended_at = null, failures = 0, retry_at = null
            where domain_id = %s and import_id = %s and status = 'FAILED'
            """,
            [domain_id, import_id],
        ).count
        > 0
    )


def give_up(transaction: Transaction, domain_id: int, import_id: Id) -> None:
    """Note that an import that failed is not tried again; why it failed stays."""
    transaction.send(
        """
        update file_imports set status = 'STOPPED'
        where domain_id = %s and import_id = %s and status = 'FAILED'
        """,
        [domain_id, import_id],
    )


def _sent(row: Row) -> SentFile:
    return SentFile(
        id=row[0],
        object_type=row[1],
        file_name=row[2],
        size=row[3],
        bytes_done=row[4],
        status=row[5],
        message=row[6],
        started_at=row[7],
        ended_at=row[8],
        failures=row[9],
        retry_at=row[10],
        counts=row[11] or Tally().as_json(),
        is_read=row[12],
    )
