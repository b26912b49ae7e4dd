"""SQL of the transfers room: how far each import has come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from openprofiles.core.ids import Id
from openprofiles.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Progress:
    """An import that is not finished: its id, how many records are done, and what became of
    them."""

    id: Id
    position: int
    counts: Mapping[str, Any]


def count_locks(transaction: Transaction) -> int:
    """How many locks all transactions of the server may hold together."""
    [(locks,)] = transaction.rows(
        """
        select current_setting('max_locks_per_transaction')::integer * (
            current_setting('max_connections')::integer
            + current_setting('max_prepared_transactions')::integer)
        """
    )
    return int(locks)


def find_unfinished(
    transaction: Transaction, domain_id: int, object_type: str, source: Sequence[Any]
) -> Progress | None:
    """The last import of the same files into the same type that has not come to its end."""
    row = transaction.row(
        """
        select import_id, position, counts from imports
        where domain_id = %s and object_type = %s and source = %s::jsonb and finished_at is null
        order by started_at desc limit 1
        """,
        [domain_id, object_type, _json(source)],
    )
    return Progress(*row) if row else None


def is_begun(transaction: Transaction, domain_id: int, import_id: Id) -> bool:
    """Whether there is an import of this id, of whatever files."""
    row = transaction.row(
        "select from imports where domain_id = %s and import_id = %s", [domain_id, import_id]
    )
    return row is not None


def insert(
    transaction: Transaction,
    domain_id: int,
    progress: Progress,
    *,
    object_type: str,
    source: Sequence[Any],
    now: datetime,
) -> None:
    """Begin an import."""
    transaction.send(
        """
        insert into imports (domain_id, import_id, position, counts, object_type, source,
                             started_at, updated_at)
        values (%s, %s, %s, %s::jsonb, %s, %s::jsonb, %s, %s)
        """,
        [
            domain_id,
            progress.id,
            progress.position,
            _json(progress.counts),
            object_type,
            _json(source),
            now,
            now,
        ],
    )


def lock(transaction: Transaction, domain_id: int, import_id: Id) -> Progress | None:
    """An import that is not finished, held until the end of the transaction; None when there is
    none."""
    row = transaction.row(
        """
        select import_id, position, counts from imports
        where domain_id = %s and import_id = %s and finished_at is null for update
        """,
        [domain_id, import_id],
    )
    return Progress(*row) if row else None


def advance(transaction: Transaction, domain_id: int, progress: Progress, *, now: datetime) -> None:
    """Note how far an import has come."""
    transaction.send(
        """
        update imports set position = %s, counts = %s::jsonb, updated_at = %s
        where domain_id = %s and import_id = %s
        """,
        [progress.position, _json(progress.counts), now, domain_id, progress.id],
    )


def finish(transaction: Transaction, domain_id: int, import_id: Id, *, now: datetime) -> None:
    """Note that an import is at its end, or given up for a new one."""
    transaction.send(
        """
        update imports set finished_at = %s, updated_at = %s
        where domain_id = %s and import_id = %s and finished_at is null
        """,
        [now, now, domain_id, import_id],
    )


def reopen(transaction: Transaction, domain_id: int, import_id: Id, *, now: datetime) -> None:
    """Have an import that was given up go on where it stands."""
    transaction.send(
        """
        update imports set finished_at = null, updated_at = %s
        where domain_id = %s and import_id = %s
        """,
        [now, domain_id, import_id],
    )


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
