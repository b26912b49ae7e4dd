"""A pool of connections and the transactions that operations run in.

Two pools: `transaction()` hands out connections with an open write transaction, `reading()` connections that cannot
write and see each statement's own snapshot, so that a read costs no BEGIN and COMMIT.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, LiteralString, TypeVar

import msgspec
import psycopg
from psycopg.types.json import set_json_dumps, set_json_loads
from psycopg_pool import ConnectionPool, PoolTimeout

Row = tuple[Any, ...]
T = TypeVar("T")

ATTEMPTS = 3

set_json_dumps(msgspec.json.encode)
set_json_loads(msgspec.json.decode)


class DatabaseUnavailable(Exception):
    """No connection to the database, or it broke: nothing was acknowledged, the caller may try again."""


class Pending:
    """The answer of a statement that was sent; reading it waits for it."""

    def __init__(self, cursor: psycopg.Cursor[Row]) -> None:
        self._cursor = cursor

    def rows(self) -> list[Row]:
        """All rows of the answer."""
        return self._cursor.fetchall()

    def row(self) -> Row | None:
        """The first row, None when there is none."""
        return self._cursor.fetchone()

    @property
    def count(self) -> int:
        """How many rows the statement touched."""
        return self._cursor.rowcount


class Transaction:
    """Statements that happen together or not at all; who opened it commits it, nobody else.

    Statements are pipelined: `send` does not wait for its answer, and whatever was sent travels with the next
    statement that does, or with the commit. So a round trip is paid per decision, not per statement.
    """

    def __init__(self, connection: psycopg.Connection[Row]) -> None:
        self._connection = connection
        self.after_commit: list[Callable[[], None]] = []

    def send(self, query: LiteralString, parameters: Sequence[Any] = ()) -> Pending:
        """Run a statement whose answer is not waited for until it is read."""
        return Pending(self._connection.execute(query, parameters))

    def rows(self, query: LiteralString, parameters: Sequence[Any] = ()) -> list[Row]:
        """Run a query; all its rows."""
        return self.send(query, parameters).rows()

    def row(self, query: LiteralString, parameters: Sequence[Any] = ()) -> Row | None:
        """Run a query; its first row, None when there is none."""
        return self.send(query, parameters).row()

    def stream(self, query: LiteralString, parameters: Sequence[Any] = ()) -> Iterator[Row]:
        """The rows of a query of any size, in portions; only in a snapshot, which is not pipelined."""
        with self._connection.cursor(name="stream") as cursor:
            cursor.itersize = 2000
            cursor.execute(query, parameters)
            yield from cursor


class Database:
    """The database of one process: opened once, closed once, shared by its threads."""

    def __init__(self, conninfo: str, *, connections: int) -> None:
        self.conninfo = conninfo
        self._writing = ConnectionPool(
            conninfo, min_size=1, max_size=connections, open=True, name="writing"
        )
        self._reading = ConnectionPool(
            conninfo,
            min_size=1,
            max_size=connections,
            open=True,
            name="reading",
            kwargs={"autocommit": True, "options": "-c default_transaction_read_only=on"},
        )

    def run(self, work: Callable[[Transaction], T], *, reads_only: bool) -> T:
        """Do `work` in a transaction (or reading), again when the database asks for it; its answer.

        Raises DatabaseUnavailable when there is no connection to be had or it breaks.
        """
        for attempt in range(ATTEMPTS):
            try:
                with self.reading() if reads_only else self.transaction() as transaction:
                    return work(transaction)
            except (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected):
                # Our lock order excludes both among ourselves; a foreign session on a shared server may cause them.
                if attempt == ATTEMPTS - 1:
                    raise
            except (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout) as error:
                raise DatabaseUnavailable("The database cannot be reached") from error
        raise AssertionError("unreachable")

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A write transaction: commits at the end, rolls back on any error, then runs `after_commit`."""
        with self._writing.connection() as connection:
            transaction = Transaction(connection)
            with connection.pipeline(), connection.transaction():
                yield transaction
        for callback in transaction.after_commit:
            callback()

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """A connection that cannot write; each statement sees all that was committed before it."""
        with self._reading.connection() as connection, connection.pipeline():
            yield Transaction(connection)

    @contextmanager
    def snapshot(self) -> Iterator[Transaction]:
        """A long read of one consistent state, for exports: repeatable, read-only, streamed."""
        with self._reading.connection() as connection:
            connection.autocommit = False
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            try:
                with connection.transaction():
                    yield Transaction(connection)
            finally:
                connection.isolation_level = None
                connection.autocommit = True

    def close(self) -> None:
        """Give all connections back."""
        self._writing.close()
        self._reading.close()
