"""A pool of connections and the transactions that operations run in.

Two pools: `transaction()` hands out connections with an open write transaction, `reading()`
connections that cannot write and see each statement's own snapshot, so that a read costs no BEGIN
and COMMIT.
"""

import logging
import select
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, LiteralString, TypeVar

import msgspec
import psycopg
from psycopg import sql
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.conninfo import conninfo_to_dict
from psycopg.types.json import set_json_dumps, set_json_loads
from psycopg_pool import ConnectionPool, PoolTimeout

from openprofiles.storage.pipeline import Pipeline
from openprofiles.storage.reading import Reading
from openprofiles.storage.statement import Parameters, Pending, Row

if TYPE_CHECKING:
    from openprofiles.storage.encryption import Cipher, Keyring

__all__ = ["ChangedMeanwhile", "Database", "DatabaseUnavailable", "Pending", "Row", "Transaction"]

T = TypeVar("T")

ATTEMPTS = 3
MOST_RETRIES = 100
"""How often a transaction may find that others were quicker; each time one of them was done."""

ABOUT_THE_SERVER = frozenset({"53", "57", "58"})
"""Classes of errors whose texts tell of the server and hold no value of a customer."""

RECONNECT_SECONDS = 4.0

LINK: dict[str, Any] = {
    "connect_timeout": 5,
    # A server that vanished without a word is noticed after half a minute.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "tcp_user_timeout": 30_000,
    # The pipeline prepares; psycopg's own way deallocates all when a transaction is rolled back.
    "prepare_threshold": None,
}

set_json_dumps(msgspec.json.encode)
set_json_loads(msgspec.json.decode)


logger = logging.getLogger(__name__)


class DatabaseUnavailable(Exception):
    """No connection, or it broke: nothing was acknowledged, the caller may try again."""


class ChangedMeanwhile(Exception):
    """What a transaction read is no longer so now that it has locked it: it has to begin anew.

    Only so are all locks given back, which have to be taken in the order that all writers use.
    """


class _Executed:
    """The answer of a statement that was waited for."""

    def __init__(self, cursor: psycopg.Cursor[Row]) -> None:
        self._cursor = cursor

    def rows(self) -> list[Row]:
        return self._cursor.fetchall()

    def row(self) -> Row | None:
        return self._cursor.fetchone()

    @property
    def count(self) -> int:
        return self._cursor.rowcount


class Transaction:
    """Statements that happen together or not at all; who opened it commits it, nobody else.

    Statements that write are pipelined: `send` does not wait for its answer, and whatever was sent
    travels with the next statement that does, or with the commit. So a round trip is paid per
    decision, not per statement. Others, and those of bulk transactions, are each waited for.
    """

    def __init__(
        self, connection: psycopg.Connection[Row], statements: Pipeline | Reading | None = None
    ) -> None:
        self._connection = connection
        self._statements = statements
        self.before_commit: list[Callable[[], None]] = []
        """What is done last, since others wait for the rows that it touches."""
        self.after_commit: list[Callable[[], None]] = []
        self.entry_ids: Iterator[str] | None = None
        """The ids of what it writes to the journal: all in the order in which it was done."""
        self.is_committing = False
        self.ciphers: dict[int, Cipher | None] = {}
        """What seals the values of the domains that were read; see storage/encryption."""
        self.keyring: Keyring | None = None
        self.held_domains: set[tuple[str, str]] = set()
        """Domains (account and name) whose lock it holds, shared or alone; see locks.py."""
        self.has_looked_up = False
        """Whether a read looked something up by values: it finds nothing where it knows a form of
        them that is no longer the one that is stored.
        """

    def require_unchanged(self) -> None:
        """Pass when the domains that it has read seal as they did then; raises ChangedMeanwhile."""
        if not self.ciphers:
            return
        rows = self.rows(
            "select domain_id, encryption from domains where domain_id = any(%s::integer[])",
            [list(self.ciphers)],
        )
        known = {
            domain_id: None if cipher is None else cipher.stored
            for domain_id, cipher in self.ciphers.items()
        }
        if known != dict(rows):
            raise ChangedMeanwhile

    @property
    def is_lost_in_time(self) -> bool:
        """True when the connection broke before COMMIT was sent: nothing can have happened."""
        return self._connection.broken and not self.is_committing

    def send(self, query: LiteralString, parameters: Parameters = ()) -> Pending:
        """Run a statement whose answer is not waited for until it is read."""
        if self._statements is None:
            return _Executed(self._connection.execute(query, parameters))
        return self._statements.send(query, parameters)

    def rows(self, query: LiteralString, parameters: Parameters = ()) -> list[Row]:
        """Run a query; all its rows."""
        return self.send(query, parameters).rows()

    def row(self, query: LiteralString, parameters: Parameters = ()) -> Row | None:
        """Run a query; its first row, None when there is none."""
        return self.send(query, parameters).row()

    @property
    def copies(self) -> bool:
        """Whether rows can be copied: in a bulk transaction, which is not pipelined."""
        return self._statements is None

    def copy(
        self, statement: sql.Composed | LiteralString, parameters: Parameters = ()
    ) -> AbstractContextManager[psycopg.Copy]:
        """Begin a COPY, into which parameters are written; in a bulk transaction only."""
        return self._connection.cursor().copy(statement, parameters or None)

    def stream(self, query: LiteralString, parameters: Parameters = ()) -> Iterator[Row]:
        """The rows of a query of any size, in portions; in a snapshot only: it is not pipelined."""
        with self._connection.cursor(name="stream") as cursor:
            cursor.itersize = 2000
            cursor.execute(query, parameters)
            yield from cursor


class Database:
    """The database of one process: opened once, closed once, shared by its threads."""

    def __init__(
        self, conninfo: str, *, connections: int, patience: float = 5.0, name: str | None = None
    ) -> None:
        """Lend up to `connections` for writing and for reading each; `patience` s to wait for
        one. The server knows them by `name`.
        """
        self.conninfo = conninfo
        self.keyring: Keyring | None = None
        """For who opens transactions without an operation; operations have one of their own."""
        options = conninfo_to_dict(conninfo).get("options") or ""
        link = LINK if name is None else {**LINK, "application_name": name}
        self._writing = _open_pool("writing", conninfo, connections, patience, link)
        self._reading = _open_pool(
            "reading",
            conninfo,
            connections,
            patience,
            link
            | {
                "autocommit": True,
                "options": f"{options} -c default_transaction_read_only=on".strip(),
            },
        )

    def run(
        self,
        work: Callable[[Transaction], T],
        *,
        reads_only: bool = False,
        is_bulk: bool = False,
        sees_one_state: bool = False,
    ) -> T:
        """Do `work` in a transaction (or reading), again when the database asks for it; its answer.

        A connection that breaks before COMMIT was sent has done nothing, so `work` is done again on
        another one: a restart of the database goes unnoticed by most callers. A read learns so that
        its connection has broken while it was idle, a write asks for that first. A read that
        `sees_one_state` begins a transaction for it. Raises DatabaseUnavailable when no connection
        is to be had, or it is unknown what has happened.
        """
        for _ in range(MOST_RETRIES):
            try:
                return self._run(
                    work, reads_only=reads_only, is_bulk=is_bulk, sees_one_state=sees_one_state
                )
            except ChangedMeanwhile:
                continue
        raise DatabaseUnavailable("Others changed the same rows again and again")

    def _run(
        self,
        work: Callable[[Transaction], T],
        *,
        reads_only: bool,
        is_bulk: bool,
        sees_one_state: bool,
    ) -> T:
        for attempt in range(1, ATTEMPTS + 1):
            transaction: Transaction | None = None
            try:
                with self._open(
                    reads_only=reads_only,
                    is_bulk=is_bulk,
                    sees_one_state=sees_one_state,
                    trusting=attempt == 1,
                ) as transaction:
                    return _read(work, transaction) if reads_only else work(transaction)
            except (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected):
                # Our lock order excludes both among ourselves; a foreign session on a shared
                # server may cause them.
                if attempt == ATTEMPTS:
                    raise
            except (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout) as error:
                # A read does nothing; and what the server said before it hung up, which a read
                # takes for the answer, comes before the connection is known to be broken.
                nothing_happened = transaction is not None and (
                    reads_only or transaction.is_lost_in_time
                )
                if attempt == ATTEMPTS or not nothing_happened:
                    _note(error)
                    raise DatabaseUnavailable("The database cannot be reached") from error
        raise AssertionError("unreachable")

    def _open(
        self, *, reads_only: bool, is_bulk: bool, sees_one_state: bool, trusting: bool
    ) -> AbstractContextManager[Transaction]:
        if reads_only and sees_one_state:
            return self.snapshot()
        if reads_only:
            return self.reading(trusting=trusting)
        return self.transaction(is_bulk=is_bulk)

    @contextmanager
    def transaction(self, *, is_bulk: bool = False) -> Iterator[Transaction]:
        """A write transaction: commits at the end, or rolls back; then runs `after_commit`.

        A bulk one copies thousands of rows instead of pipelining statements.
        """
        with _Lent(self._writing) as connection, ExitStack() as opened:
            pipeline = None
            if is_bulk:
                opened.enter_context(connection.transaction())
            else:
                pipeline = opened.enter_context(_pipeline_of(connection))
            transaction = Transaction(connection, pipeline)
            transaction.keyring = self.keyring
            yield transaction
            for callback in transaction.before_commit:
                callback()
            # They know the transaction: it would stay in memory until cycles are looked for.
            transaction.before_commit.clear()
            transaction.is_committing = True
        for callback in transaction.after_commit:
            callback()

    def reading(self, *, trusting: bool = False) -> AbstractContextManager[Transaction]:
        """A connection that cannot write; each statement sees all that was committed before it.

        `trusting` does not ask whether the connection has broken while nobody used it.
        """
        return _LentForReading(self._reading, trusting=trusting, keyring=self.keyring)

    @contextmanager
    def snapshot(self) -> Iterator[Transaction]:
        """A long read of one consistent state, for exports: repeatable, read-only, streamed."""
        with _Lent(self._reading) as connection:
            connection.autocommit = False
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            try:
                with connection.transaction():
                    transaction = Transaction(connection)
                    transaction.keyring = self.keyring
                    yield transaction
            finally:
                if not connection.closed:
                    connection.isolation_level = None
                    connection.autocommit = True

    def connections(self) -> dict[str, int]:
        """How many connections there are, and how many of them are in use."""
        statistics = (self._writing.get_stats(), self._reading.get_stats())
        size = sum(pool.get("pool_size", 0) for pool in statistics)
        idle = sum(pool.get("pool_available", 0) for pool in statistics)
        return {"open": size, "in_use": size - idle}

    def close(self) -> None:
        """Give all connections back."""
        self._writing.close()
        self._reading.close()


def _read(work: Callable[[Transaction], T], transaction: Transaction) -> T:
    """What `work` reads. Each of its statements sees what is committed by then: when a domain is
    encrypted or decrypted between two of them, it begins anew instead of failing or missing
    something.
    """
    try:
        answer = work(transaction)
    except (psycopg.Error, ChangedMeanwhile):
        raise
    except Exception:
        transaction.require_unchanged()
        raise
    if transaction.has_looked_up:
        transaction.require_unchanged()
    return answer


class _Connection(psycopg.Connection[Row]):
    """A connection that keeps what knows which of its statements are prepared."""

    kept_pipeline: Pipeline | None = None
    kept_reading: Reading | None = None


@contextmanager
def _pipeline_of(connection: _Connection) -> Iterator[Pipeline]:
    pipeline = connection.kept_pipeline
    if pipeline is None:
        pipeline = connection.kept_pipeline = Pipeline(connection)
    try:
        pipeline.open()
        yield pipeline
        pipeline.close()
    except BaseException:
        pipeline.abort()
        raise


def _open_pool(
    name: str, conninfo: str, connections: int, patience: float, options: dict[str, Any]
) -> ConnectionPool[_Connection]:
    return ConnectionPool(
        conninfo,
        min_size=1,
        max_size=connections,
        timeout=patience,
        # The pool asks at ever longer intervals whether the database is back; it starts anew
        # after this long, so that they never get longer than this.
        reconnect_timeout=RECONNECT_SECONDS,
        open=True,
        name=name,
        connection_class=_Connection,
        kwargs=options,
        configure=_read_ids_as_text,
    )


class _IdLoader(Loader):
    """Reads a `uuid` as core/ids.py writes it: 32 hex digits."""

    def load(self, data: Buffer) -> str:
        return bytes(data).replace(b"-", b"").decode()


def _read_ids_as_text(connection: psycopg.Connection[Row]) -> None:
    connection.adapters.register_loader("uuid", _IdLoader)


class _Lent:
    """A connection of a pool, for the time of a `with`."""

    __slots__ = ("_connection", "_pool", "_trusting")

    def __init__(self, pool: ConnectionPool[_Connection], *, trusting: bool = False) -> None:
        self._pool = pool
        self._trusting = trusting

    def __enter__(self) -> _Connection:
        connection = self._pool.getconn()
        while not self._trusting and _has_news(connection):
            # An idle connection gets news only of its end, be it a restart or a firewall. Asking
            # the socket costs a microsecond, asking the database a round trip.
            connection.close()
            self._pool.putconn(connection)
            connection = self._pool.getconn()
        self._connection = connection
        return connection

    def __exit__(self, *_: object) -> None:
        self._pool.putconn(self._connection)


class _LentForReading(AbstractContextManager[Transaction]):
    """A connection to read with. A class, since a generator costs a tenth of a small read."""

    __slots__ = ("_keyring", "_lent")

    def __init__(
        self, pool: ConnectionPool[_Connection], *, trusting: bool, keyring: "Keyring | None"
    ) -> None:
        self._lent = _Lent(pool, trusting=trusting)
        self._keyring = keyring

    def __enter__(self) -> Transaction:
        connection = self._lent.__enter__()
        if connection.kept_reading is None:
            connection.kept_reading = Reading(connection)
        transaction = Transaction(connection, connection.kept_reading)
        transaction.keyring = self._keyring
        return transaction

    def __exit__(self, *_: object) -> None:
        self._lent.__exit__()


def _note(error: Exception) -> None:
    """Log why the database cannot be used; whoever runs it must know of a full disk."""
    state = error.sqlstate if isinstance(error, psycopg.Error) else None
    said = None
    if isinstance(error, psycopg.Error) and state is not None and state[:2] in ABOUT_THE_SERVER:
        said = error.diag.message_primary
    fields = {"error": type(error).__qualname__, "sqlstate": state, "said": said}
    logger.error("The database cannot be used", extra=fields)


def _has_news(connection: psycopg.Connection[Row]) -> bool:
    watch = select.poll()
    watch.register(connection.fileno(), select.POLLIN)
    return bool(watch.poll(0))
