"""Statements of one connection in libpq's pipeline mode: prepared once, sent together, read late.

psycopg's cursors do this too, but make four objects for each statement and send each by itself. A
put is a dozen statements, and that was more than half of its time. Here sending a statement only
fills libpq's buffer; it travels when an answer is read, or at the end. psycopg still converts the
values, waits for the socket, and names the errors.
"""

import itertools
import re
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any, LiteralString, Protocol

import psycopg
from psycopg import errors, generators
from psycopg.abc import PQGen
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

Row = tuple[Any, ...]

MOST_PREPARED = 400
"""Statements that a connection keeps prepared, each with the types of its parameters."""

_PLACEHOLDER = re.compile(r"%(?:s|\((\w+)\)s|%)")
_SUCCEEDED = frozenset({ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK})


class Pending(Protocol):
    """The answer of a statement that was sent; reading it waits for it."""

    def rows(self) -> list[Row]:
        """All rows of the answer."""

    def row(self) -> Row | None:
        """The first row, None when there is none."""

    @property
    def count(self) -> int:
        """How many rows the statement touched."""


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

    def __init__(self, pipeline: "Pipeline", key: "_Key") -> None:
        super().__init__(pipeline)
        self.key = key


_Key = tuple[str, tuple[int, ...] | None]
"""A statement, and the types of its parameters."""


class Pipeline:
    """The pipeline of one connection; opened and closed for each transaction or read.

    `begins`: statements are a transaction, from `begin` at `open` to `commit` at `close`; else each
    answer that is read ends what was sent so far.
    """

    def __init__(self, connection: psycopg.Connection[Row], *, begins: bool) -> None:
        self._connection = connection
        self._begins = begins
        self._link = connection.pgconn
        self._transformer = Transformer(connection)
        self._names: dict[_Key, bytes] = {}
        self._numbers = itertools.count()
        self._asked: deque[_Answer | None] = deque()
        self._unsynced = False

    def open(self) -> None:
        """Begin; nothing is sent yet."""
        self._link.enter_pipeline_mode()
        self._asked.clear()
        self._unsynced = False
        if len(self._names) > MOST_PREPARED:
            self._names.clear()
            self._send_plain(b"deallocate all")
        if self._begins:
            self._send_plain(b"begin")

    def send(self, query: LiteralString, parameters: Sequence[Any] | Mapping[str, Any]) -> Pending:
        """Queue a statement; %s and %(name)s stand for parameters."""
        plan = _plan(query)
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
        self._unsynced = True
        return pending

    def load(self, pending: _Answer) -> list[Row]:
        """The rows of an answer, waited for if need be."""
        result = self.receive(pending)
        self._transformer.set_pgresult(result)
        return self._transformer.load_rows(0, result.ntuples, _as_row)

    def receive(self, pending: _Answer) -> PGresult:
        """An answer, waited for if need be; raises the error of the first statement that failed."""
        if pending.result is None:
            if self._begins:
                self._link.send_flush_request()
            else:
                self._sync()
            self._connection.wait(self._collect(pending))
        if pending.result is None:
            raise errors.PipelineAborted("An earlier statement failed")
        return pending.result

    def close(self) -> None:
        """End: commit if it is a transaction, and see that every statement succeeded."""
        commit = self._send_plain(b"commit") if self._begins else None
        if self._unsynced:
            self._sync()
        if self._asked:
            self._connection.wait(self._collect(None))
        if commit is not None and commit.result is None:
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
        self._unsynced = True
        return pending

    def _sync(self) -> None:
        self._link.pipeline_sync()
        self._asked.append(None)
        self._unsynced = False

    def _collect(self, last: _Answer | None) -> PQGen[None]:
        """Send what is queued and take answers up to that of `last`, or all of them."""
        yield from generators.send(self._link)
        while self._asked and (last is None or last.result is None):
            yield from self._take()

    def _take(self) -> PQGen[None]:
        result = (yield from generators.fetch_many(self._link))[0]
        asked = self._asked.popleft()
        if asked is None:
            return
        if result.status not in _SUCCEEDED:
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


def _as_row(values: Sequence[Any]) -> Row:
    return tuple(values)


@dataclass(frozen=True, slots=True)
class _Plan:
    """A statement as PostgreSQL reads it, and the order of its parameters."""

    text: bytes
    names: tuple[str, ...]
    formats: list[PyFormat]

    def order(self, parameters: Sequence[Any] | Mapping[str, Any]) -> Sequence[Any]:
        if not isinstance(parameters, list) and isinstance(parameters, Mapping):
            return [parameters[name] for name in self.names]
        return parameters


@cache
def _plan(query: str) -> _Plan:
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
    return _Plan(text, tuple(names), [PyFormat.AUTO] * len(names))
