"""Statements of one connection in libpq's pipeline mode: prepared once, sent together, read late.

psycopg's cursors do this too, but make four objects for each statement and send each by itself. A
put is a dozen statements, and that was more than half of its time. Here sending a statement only
fills libpq's buffer; it travels when an answer is read, or at the end. psycopg still converts the
values, waits for the socket, and names the errors.
"""

import itertools
from collections import deque
from contextlib import suppress
from typing import LiteralString

import psycopg
from psycopg import errors, generators
from psycopg.abc import PQGen
from psycopg.adapt import Transformer
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

from openprofiles.storage import statement
from openprofiles.storage.statement import SUCCEEDED, Key, Parameters, Pending, Row


class _Answer:
    """An answer that comes through a pipeline."""

    __slots__ = ("_pipeline", "result")

    def __init__(self, pipeline: "Pipeline") -> None:
        self._pipeline = pipeline
        self.result: PGresult | None = None

    def rows(self) -> list[Row]:
        return self._pipeline.load(self)

    def row(self) -> Row | None:
        rows = self._pipeline.load(self)
        return rows[0] if rows else None

    @property
    def count(self) -> int:
        return self._pipeline.receive(self).command_tuples or 0


class _Preparation(_Answer):
    """The answer to preparing a statement."""

    __slots__ = ("key",)

    def __init__(self, pipeline: "Pipeline", key: Key) -> None:
        super().__init__(pipeline)
        self.key = key


class Pipeline:
    """The pipeline of one connection; each transaction goes from `begin` at `open` to `commit` at
    `close`.
    """

    def __init__(self, connection: psycopg.Connection[Row]) -> None:
        self._connection = connection
        self._link = connection.pgconn
        self._transformer = Transformer(connection)
        self._names: dict[Key, bytes] = {}
        self._numbers = itertools.count()
        self._asked: deque[_Answer | None] = deque()

    def open(self) -> None:
        """Begin; nothing is sent yet."""
        self._link.enter_pipeline_mode()
        self._asked.clear()
        if len(self._names) > statement.MOST_PREPARED:
            self._names.clear()
            self._send_plain(b"deallocate all")
        self._send_plain(b"begin")

    def send(self, query: LiteralString, parameters: Parameters) -> Pending:
        """Queue a statement; %s and %(name)s stand for parameters."""
        plan = statement.plan(query)
        values = self._transformer.dump_sequence(plan.order(parameters), plan.formats)
        key = (query, self._transformer.types)
        name = self._names.get(key)
        if name is None:
            name = self._names[key] = b"openprofiles_%d" % next(self._numbers)
            self._link.send_prepare(name, plan.text, param_types=key[1])
            self._asked.append(_Preparation(self, key))
        self._link.send_query_prepared(name, values, param_formats=self._transformer.formats)
        pending = _Answer(self)
        self._asked.append(pending)
        return pending

    def load(self, pending: _Answer) -> list[Row]:
        """The rows of an answer, waited for if need be."""
        result = self.receive(pending)
        return statement.load(result, self._transformer)

    def receive(self, pending: _Answer) -> PGresult:
        """An answer, waited for if need be; raises the error of the first statement that failed."""
        if pending.result is None:
            self._link.send_flush_request()
            self._connection.wait(self._collect(pending))
        if pending.result is None:
            raise errors.PipelineAborted("An earlier statement failed")
        return pending.result

    def close(self) -> None:
        """Commit, and see that every statement succeeded."""
        commit = self._send_plain(b"commit")
        self._sync()
        self._connection.wait(self._collect(None))
        if commit.result is None:
            raise errors.PipelineAborted("A statement failed, so nothing is committed")
        self._link.exit_pipeline_mode()

    def abort(self) -> None:
        """End after an error: nothing of the transaction remains, or the connection is broken."""
        try:
            self._sync()
            self._connection.wait(self._drain())
            if self._link.transaction_status != TransactionStatus.IDLE:
                self._send_plain(b"rollback")
                self._sync()
                self._connection.wait(self._drain())
            self._link.exit_pipeline_mode()
        except psycopg.Error:
            # Broken, or in a state that nobody knows: whoever lends it next makes a new one.
            self._link.finish()

    def _send_plain(self, command: bytes) -> _Answer:
        self._link.send_query_params(command, None)
        pending = _Answer(self)
        self._asked.append(pending)
        return pending

    def _sync(self) -> None:
        self._link.pipeline_sync()
        self._asked.append(None)

    def _collect(self, last: _Answer | None) -> PQGen[None]:
        """Send what is queued and take answers up to that of `last`, or all of them."""
        yield from generators.send(self._link)
        while self._asked and (last is None or last.result is None):
            yield from self._take()

    def _take(self) -> PQGen[None]:
        results = yield from generators.fetch_many(self._link)
        if not results:
            # The server said in an earlier answer that it ends the session: no others come.
            raise psycopg.InterfaceError("The connection has ended")
        result = results[0]
        asked = self._asked.popleft()
        if asked is None:
            return
        if result.status not in SUCCEEDED:
            if isinstance(asked, _Preparation):
                self._names.pop(asked.key, None)
            if result.status == ExecStatus.FATAL_ERROR:
                raise errors.error_from_result(result)
            # Not run, because an earlier one failed: that is told to whoever asks for its answer.
            return
        asked.result = result

    def _drain(self) -> PQGen[None]:
        """Take all answers, whatever they are."""
        yield from generators.send(self._link)
        while self._asked:
            with suppress(psycopg.DatabaseError):
                yield from self._take()
