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
    documents = [place for place, kind in enumerate(table.columns.values(), 1) if "json" in kind]
    lines = [_line([domain_id, *row], documents) for row in rows]
    with transaction.copy(statement) as copy:
        copy.write("".join(lines))


def _line(values: list[Any], documents: Sequence[int]) -> str:
    """A row in COPY's text format (PostgreSQL documentation, COPY, File Formats)."""
    for place in documents:
        values[place] = msgspec.json.encode(values[place]).decode()
    texts = [_NULL if value is None else str(value) for value in values]
    line = "\t".join(texts)
    # Asked once of the whole row, and nearly always with the same answer: there is nothing to
    # escape.
    if (
        line.count("\\") == values.count(None)
        and line.count("\t") == len(values) - 1
        and "\n" not in line
        and "\r" not in line
    ):
        return line + "\n"
    return "\t".join(map(_escaped, values)) + "\n"


_NULL = "\\N"


def _escaped(value: Any) -> str:
    if value is None:
        return _NULL
    text = str(value).replace("\\", "\\\\")
    return text.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
