"""SQL that copies a domain, row by row, as it is stored.

This is the one store that reads and writes the tables of other rooms: a copy is about rows,
whatever they mean, as a backup is; asking each room would cost each room an export of its own.
"""

from collections.abc import Iterator, Sequence
from typing import Any, cast

import msgspec

from openprofiles.features.transfers import sealed_rows
from openprofiles.features.transfers.part import PARTS, Part
from openprofiles.storage.database import Transaction
from openprofiles.storage.encryption import Cipher, cipher_of

ROWS_AT_ONCE = 2000


def begin_snapshot(transaction: Transaction) -> None:
    """See one state of the database from here to the end of the transaction."""
    # Not one that only reads: who took everything out is noted in it.
    transaction.send("set transaction isolation level repeatable read")
    transaction.send("set local timezone to 'UTC'")


def read_domain(transaction: Transaction, domain_id: int) -> dict[str, Any]:
    """The domain's own row, and what its counters say."""
    row = transaction.row(
        """
        select row_to_json(found)::text from (
            select configuration, created_at, updated_at,
                (select row_to_json(sums) from (
                    select coalesce(sum(profiles), 0)::bigint as profiles,
                        coalesce(sum(metering_profiles), 0)::bigint as metering_profiles,
                        coalesce(sum(objects), 0)::bigint as objects,
                        coalesce(sum(bytes), 0)::bigint as bytes
                    from domain_counts where domain_id = domains.domain_id
                ) as sums) as counts
            from domains where domain_id = %s
        ) as found
        """,
        [domain_id],
    )
    return cast("dict[str, Any]", msgspec.json.decode(row[0])) if row else {}


def read_part(transaction: Transaction, domain_id: int, part: Part) -> Iterator[str]:
    """All rows of a part in the order of their keys, as JSON."""
    columns, key = ", ".join(part.columns), ", ".join(part.key)
    after = ", ".join(f"%s::{kind}" for kind in part.key.values())
    query = (
        f"select row_to_json(page)::text from (select {columns} from {part.name}"  # noqa: S608 (all names are from PARTS)
        f" where domain_id = %s and ({key}) > ({after}) order by {key} limit %s) as page"
    )
    cipher = cipher_of(transaction, domain_id)
    last = part.smallest_key()
    while True:
        rows = transaction.rows(query, [domain_id, *last, ROWS_AT_ONCE])
        yield from (row[0] if cipher is None else _opened(cipher, part, row[0]) for row in rows)
        if len(rows) < ROWS_AT_ONCE:
            return
        values = msgspec.json.decode(rows[-1][0])
        last = [values[name] for name in part.key]


def write_domain(transaction: Transaction, domain_id: int, row: dict[str, Any]) -> None:
    """Give a new domain the configuration and the times that it was exported with."""
    transaction.send(
        """
        update domains set configuration = %s::jsonb, created_at = %s::timestamptz,
            updated_at = %s::timestamptz
        where domain_id = %s
        """,
        [
            msgspec.json.encode(row["configuration"]).decode(),
            row["created_at"],
            row["updated_at"],
            domain_id,
        ],
    )


def write_rows(
    transaction: Transaction, domain_id: int, part: Part, lines: Sequence[bytes]
) -> None:
    """Add rows of a part to a domain."""
    columns = ", ".join(part.columns)
    types = ", ".join(f"{name} {kind}" for name, kind in part.columns.items())
    cipher = cipher_of(transaction, domain_id)
    if cipher is not None:
        lines = [_sealed(cipher, part, line) for line in lines]
    transaction.send(
        f"insert into {part.name} (domain_id, {columns})"  # noqa: S608 (all names are from PARTS)
        f" select %s, {columns} from json_to_recordset(%s::json) as row ({types})",
        [domain_id, (b"[" + b",".join(lines) + b"]").decode()],
    )


def _opened(cipher: Cipher, part: Part, line: str) -> str:
    """A row as it travels: whoever exports a domain wants it in the clear."""
    row = msgspec.json.decode(line)
    if not sealed_rows.open_row(cipher, part.name, row):
        return line
    return msgspec.json.encode(row).decode()


def _sealed(cipher: Cipher, part: Part, line: bytes) -> bytes:
    row = msgspec.json.decode(line)
    sealed_rows.seal_row(cipher, part.name, row)
    return msgspec.json.encode(row)


PARTS_BY_NAME = {part.name: part for part in PARTS}
