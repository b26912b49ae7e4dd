"""What both ways of running statements share: their text, their parameters, their answers."""

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from psycopg.abc import Transformer
from psycopg.adapt import PyFormat
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

Row = tuple[Any, ...]
Parameters = Sequence[Any] | Mapping[str, Any]

Key = tuple[str, tuple[int, ...] | None]
"""A statement, and the types of its parameters: what is prepared once for a connection."""

MOST_PREPARED = 400
"""Statements that a connection keeps prepared."""

SUCCEEDED = frozenset({ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK})

_PLACEHOLDER = re.compile(r"%(?:s|\((\w+)\)s|%)")


class Pending(Protocol):
    """The answer of a statement that was sent; reading it waits for it."""

    def rows(self) -> list[Row]:
        """All rows of the answer."""

    def row(self) -> Row | None:
        """The first row, None when there is none."""

    @property
    def count(self) -> int:
        """How many rows the statement touched."""


def load(result: PGresult, transformer: Transformer) -> list[Row]:
    """The rows of an answer."""
    transformer.set_pgresult(result)
    return transformer.load_rows(0, result.ntuples, _as_row)


def _as_row(values: Sequence[Any]) -> Row:
    return tuple(values)


@dataclass(frozen=True, slots=True)
class Plan:
    """A statement as PostgreSQL reads it, and the order of its parameters."""

    text: bytes
    names: tuple[str, ...]
    formats: list[PyFormat]

    def order(self, parameters: Parameters) -> Sequence[Any]:
        """The values that go with the text's $1, $2, …"""
        if not isinstance(parameters, list) and isinstance(parameters, Mapping):
            return [parameters[name] for name in self.names]
        return parameters


@cache
def plan(query: str) -> Plan:
    """The plan of a statement with %s or %(name)s for its parameters."""
    names: dict[str, None] = {}
    positions = itertools.count(1)

    def number(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%"
        name = found[1]
        if name is None:
            name = str(next(positions))
        names.setdefault(name)
        return f"${list(names).index(name) + 1}"

    text = _PLACEHOLDER.sub(number, query).encode()
    return Plan(text, tuple(names), [PyFormat.AUTO] * len(names))
