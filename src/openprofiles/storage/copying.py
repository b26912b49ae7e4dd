"""Rows in and out as CSV, as many as there are, by COPY; in a bulk transaction only."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, LiteralString

from psycopg import sql

from openprofiles.storage.database import Transaction

BLOCK_BYTES = 1 << 20


def copy_in(
    transaction: Transaction, table: str, columns: Sequence[str], blocks: Iterable[bytes]
) -> None:
    """Add rows to a table; `blocks` are CSV lines of the columns, cut anywhere."""
    statement = sql.SQL("copy {} ({}) from stdin (format csv)").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with transaction.copy(statement) as copy:
        for block in blocks:
            copy.write(block)


def copy_out(
    transaction: Transaction, query: LiteralString, parameters: Sequence[Any]
) -> Iterator[bytes]:
    """The rows of a query as CSV lines, a megabyte or so at a time; NULL is an empty cell without
    quotes.
    """
    with transaction.copy(f"copy ({query}) to stdout (format csv)", parameters) as copy:
        lines: list[bytes] = []
        size = 0
        # The driver hands over line by line.
        for line in copy:
            lines.append(bytes(line))
            size += len(line)
            if size >= BLOCK_BYTES:
                yield b"".join(lines)
                lines, size = [], 0
        yield b"".join(lines)
