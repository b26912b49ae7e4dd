"""New rows of one table in one go: a statement for a few, COPY for thousands.

A few travel as one JSON parameter that PostgreSQL unfolds, in the pipeline with everything else.
COPY costs a round trip of its own and half as much of the server's time for each row.
"""

from collections.abc import Iterable, Mapping, Sequence
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
    with transaction.copy(statement) as copy:
        copy.write(_lines(table, domain_id, rows))


def _lines(table: Table, domain_id: int, rows: Sequence[Sequence[Any]]) -> str:
    """Rows in COPY's text format (PostgreSQL documentation, COPY, File Formats)."""
    if _PLAIN_KINDS.issuperset(table.columns.values()):
        lines = _plain_lines(domain_id, rows)
        if lines is not None:
            return lines
    columns = [
        _cells(values, kind)
        for values, kind in zip(zip(*rows, strict=True), table.columns.values(), strict=True)
    ]
    return _joined(domain_id, zip(*columns, strict=True))


def _plain_lines(domain_id: int, rows: Sequence[Sequence[Any]]) -> str | None:
    """Rows of texts as they are; None when one is missing, or needs an escape.

    Rows of keys are as many as all others together, and hardly ever hold one: looking at all of
    them at once saves taking them apart.
    """
    try:
        text = _joined(domain_id, rows)
    except TypeError:
        # Some value is None.
        return None
    is_plain = (
        text.count("\n") == len(rows)
        and text.count("\t") == len(rows) * len(rows[0])
        and "\\" not in text
        and "\r" not in text
    )
    return text if is_plain else None


def _joined(domain_id: int, rows: Iterable[Sequence[str]]) -> str:
    start = f"{domain_id}\t"
    return start + f"\n{start}".join(map("\t".join, rows)) + "\n"


def _cells(values: Sequence[Any], kind: str) -> Sequence[str]:
    """A column of them.

    Whether there is anything to escape is asked once of the whole column: there seldom is.
    """
    if "json" in kind:
        # Line ends within texts are escaped by JSON, so each line is a value.
        lines = _ENCODER.encode_lines(values).decode()
        return lines.replace("\\", "\\\\").split("\n")[:-1]
    if kind in _NUMBER_KINDS:
        return ["\\N" if value is None else str(value) for value in values]
    if None not in values:
        return _escaped(values)
    texts = _escaped(["" if value is None else value for value in values])
    return ["\\N" if value is None else text for value, text in zip(values, texts, strict=True)]


def _escaped(texts: Sequence[str]) -> Sequence[str]:
    together = "".join(texts)
    for special, escape in _ESCAPES:
        if special in together:
            texts = [text.replace(special, escape) for text in texts]
    return texts


_ENCODER = msgspec.json.Encoder()
_NUMBER_KINDS = frozenset({"smallint", "integer", "bigint"})
_PLAIN_KINDS = frozenset({"text", "uuid"})
_ESCAPES = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"))
"""The backslash first: those that it makes are none of the text."""
