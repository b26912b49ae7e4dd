"""Statements of a connection that only reads: prepared once, each answered in one call of libpq.

A search is one statement, and half of what it cost was the dozen calls between Python and libpq
that a pipeline takes. The call lets other threads run while it waits.
"""

import itertools
from typing import LiteralString

import psycopg
from psycopg import abc, errors
from psycopg.adapt import Transformer
from psycopg.pq import DiagnosticField
from psycopg.pq.abc import PGresult

from openprofiles.storage import statement
from openprofiles.storage.statement import SUCCEEDED, Key, Parameters, Pending, Row


class _Answer:
    """An answer that is there."""

    __slots__ = ("_result", "_transformer")

    def __init__(self, result: PGresult, transformer: abc.Transformer) -> None:
        self._result = result
        self._transformer = transformer

    def rows(self) -> list[Row]:
        return statement.load(self._result, self._transformer)

    def row(self) -> Row | None:
        rows = self.rows()
        return rows[0] if rows else None

    @property
    def count(self) -> int:
        return self._result.command_tuples or 0


class Reading:
    """The statements of one connection, each by itself, each waited for."""

    def __init__(self, connection: psycopg.Connection[Row]) -> None:
        self._link = connection.pgconn
        self._transformer = Transformer(connection)
        self._names: dict[Key, bytes] = {}
        self._numbers = itertools.count()

    def send(self, query: LiteralString, parameters: Parameters) -> Pending:
        """Run a statement; %s and %(name)s stand for parameters. Raises psycopg's errors."""
        plan = statement.plan(query)
        transformer = self._transformer
        values = transformer.dump_sequence(plan.order(parameters), plan.formats)
        key = (query, transformer.types)
        name = self._names.get(key) or self._prepare(key, plan.text)
        result = self._link.exec_prepared(
            name,
            values,  # type: ignore[arg-type]  # None is a value to it, whatever its types say
            transformer.formats,
        )
        return _Answer(self._succeeded(result), transformer)

    def _prepare(self, key: Key, text: bytes) -> bytes:
        if len(self._names) >= statement.MOST_PREPARED:
            self._names.clear()
            self._succeeded(self._link.exec_(b"deallocate all"))
        name = b"openprofiles_%d" % next(self._numbers)
        self._succeeded(self._link.prepare(name, text, key[1]))
        self._names[key] = name
        return name

    def _succeeded(self, result: PGresult) -> PGresult:
        if result.status in SUCCEEDED:
            return result
        if not result.error_field(DiagnosticField.SQLSTATE):
            # Said by libpq, not by the server, which can no longer be heard.
            raise psycopg.OperationalError("The connection to the database is lost")
        raise errors.error_from_result(result)
