"""New rows of one table in one go: a statement for a few, COPY for thousands.

A few travel as one JSON parameter that PostgreSQL unfolds, in the pipeline with everything else.
COPY costs a round trip of its own and half as much of the server's time for each row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

import msgspec
from psycopg import sql

from openprofiles.storage.database import Transaction

COPIED_FROM = 100
"""Rows from which on a transaction that may copy does."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a domain's id in front; `columns` are the others, with their types."""

    name: LiteralString
    columns: Mapping[LiteralString, LiteralString]


def insert(
    transaction: Transaction, table: Table, domain_id: int, rows: Sequence[Sequence[Any]]
) -> None:
    """Insert `rows`, each with a value for every column; none of them may be there already.

    Values are as msgspec writes them to JSON, of any kind for `json` and `jsonb`, and texts that
    PostgreSQL reads as the column's type for all other types but numbers.
    """
    if not rows:
        return
    if transaction.copies and len(rows) >= COPIED_FROM:
        _copy(transaction, table, domain_id, rows)
    else:
        _send(transaction, table, domain_id, rows)


def _send(
    transaction: Transaction, table: Table, domain_id: int, rows: Sequence[Sequence[Any]]
) -> None:
    names = list(table.columns)
    objects = [dict(zip(names, row, strict=True)) for row in rows]
    columns = ", ".join(names)
    types = ", ".join(f"{name} {kind}" for name, kind in table.columns.items())
    transaction.send(
        # Names and types are constants of the program.
        f"insert into {table.name} (domain_id, {columns}) "  # noqa: S608
        f"select %s, {columns} from json_to_recordset(%s::json) as row ({types})",
        [domain_id, msgspec.json.encode(objects).decode()],
    )


def _copy(
    transaction: Transaction, table: Table, domain_id: int, rows: Sequence[Sequence[Any]]
) -> None:
    statement = sql.SQL("copy {} (domain_id, {}) from stdin").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, table.columns))
    )
    columns = [
        _cells(values, kind)
        for values, kind in zip(zip(*rows, strict=True), table.columns.values(), strict=True)
    ]
    start = f"{domain_id}\t"
    with transaction.copy(statement) as copy:
        copy.write(
            "".join(f"{start}{line}\n" for line in map("\t".join, zip(*columns, strict=True)))
        )


def _cells(values: Sequence[Any], kind: str) -> list[str]:
    """A column in COPY's text format (PostgreSQL documentation, COPY, File Formats).

    Whether there is anything to escape is asked once of the whole column: there seldom is.
    """
    if "json" in kind:
        return _escaped([msgspec.json.encode(value).decode() for value in values])
    if None not in values:
        return _escaped(list(map(str, values)))
    texts = _escaped(["" if value is None else str(value) for value in values])
    return ["\\N" if value is None else text for value, text in zip(values, texts, strict=True)]


def _escaped(texts: list[str]) -> list[str]:
    together = "".join(texts)
    for special, escape in _ESCAPES:
        if special in together:
            texts = [text.replace(special, escape) for text in texts]
    return texts


_ESCAPES = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"))
"""The backslash first: those that it makes are none of the text."""
