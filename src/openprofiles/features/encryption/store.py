"""SQL of the encryption room: which domains are being sealed anew, and the rows of other rooms.

Like the store that copies domains (transfers), it goes through the tables of other rooms: it is
about rows, whatever they mean. What belongs to a profile is left to the profiles' room.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from openprofiles.features.encryption.tables import Table
from openprofiles.storage.database import Row, Transaction

_FIRST = {
    "uuid": "00000000-0000-0000-0000-000000000000",
    "smallint": "-1",
    "text": "",
    "bytea": "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """How far a domain is sealed anew: `position` names the table and the last row that is done."""

    position: Mapping[str, Any]
    rows: int
    started_at: datetime
    updated_at: datetime


def find_due(transaction: Transaction, *, after: int) -> tuple[str, str, int] | None:
    """The next domain that is being sealed anew: (account, name, id)."""
    row = transaction.row(
        """
        select account_id, name, domain_id from encryption_work join domains using (domain_id)
        where domain_id > %s order by domain_id limit 1
        """,
        [after],
    )
    return (row[0], row[1], row[2]) if row else None


def find(transaction: Transaction, domain_id: int) -> Work | None:
    """How far a domain is; None when there is nothing to do."""
    return _work(
        transaction.row(
            """
            select position, rows, started_at, updated_at from encryption_work
            where domain_id = %s
            """,
            [domain_id],
        )
    )


def lock(transaction: Transaction, domain_id: int) -> Work | None:
    """The same, which nobody else goes on with until this transaction ends."""
    return _work(
        transaction.row(
            """
            select position, rows, started_at, updated_at from encryption_work
            where domain_id = %s for update
            """,
            [domain_id],
        )
    )


def advance(
    transaction: Transaction,
    domain_id: int,
    position: Mapping[str, Any],
    *,
    rows: int,
    now: datetime,
) -> None:
    """Note how far a domain is."""
    transaction.send(
        """
        update encryption_work set position = %s::jsonb, rows = rows + %s, updated_at = %s
        where domain_id = %s
        """,
        [_json(position), rows, now, domain_id],
    )


def finish(transaction: Transaction, domain_id: int) -> None:
    """All of a domain is sealed with the keys that it has now."""
    transaction.send("delete from encryption_work where domain_id = %s", [domain_id])


def lock_page(
    transaction: Transaction,
    domain_id: int,
    table: Table,
    *,
    after: Sequence[Any] | None,
    limit: int,
) -> list[Row]:
    """The next rows of a table, locked: key, others, columns."""
    key = ", ".join(table.key)
    bound = ", ".join(f"%s::{kind}" for kind in table.key.values())
    columns = ", ".join((*table.key, *table.others, *table.columns))
    return transaction.rows(
        f"select {columns} from {table.name}"  # noqa: S608 (all names are from TABLES)
        f" where domain_id = %s and ({key}) > ({bound}) order by {key} limit %s for update",
        [domain_id, *(after or [_FIRST[kind] for kind in table.key.values()]), limit],
    )


def rewrite(
    transaction: Transaction, domain_id: int, table: Table, rows: Sequence[tuple[Row, Row]]
) -> None:
    """Write columns of rows anew, each row as its key and its columns."""
    if not rows:
        return
    kinds = [*table.key.values(), *table.columns.values()]
    types = ", ".join(f"c{number} {kind}" for number, kind in enumerate(kinds))
    size = len(table.key)
    sets = ", ".join(f"{name} = row.c{size + n}" for n, name in enumerate(table.columns))
    same = " and ".join(f"changed.{name} = row.c{n}" for n, name in enumerate(table.key))
    cells = [
        {f"c{number}": value for number, value in enumerate((*key, *columns))}
        for key, columns in rows
    ]
    transaction.send(
        f"update {table.name} as changed set {sets} from ("  # noqa: S608 (all names are from TABLES)
        "select %s::integer as domain_id, row.* from json_to_recordset(%s::json)"
        f" as row ({types}) offset 0) as row where changed.domain_id = row.domain_id and {same}",
        [domain_id, _json(cells)],
    )


def _work(row: Row | None) -> Work | None:
    if row is None:
        return None
    return Work(position=row[0], rows=row[1], started_at=row[2], updated_at=row[3])


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
