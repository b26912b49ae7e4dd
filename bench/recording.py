"""The statements of an operation, as they were sent to the database while it was answered."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, LiteralString

from openprofiles.core.operation import Caller, Parameters
from openprofiles.core.settings import Settings
from openprofiles.features.invoke import invoker
from openprofiles.storage.database import Database, Pending, Row, Transaction


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, and what it was sent with."""

    query: str
    parameters: Sequence[Any] | Mapping[str, Any]


Steps = list[list[Statement]]
"""The statements of one transaction, divided where the service waited for an answer."""


def record(conninfo: str, settings: Settings, name: str, parameters: Parameters) -> Steps:
    """Have an operation answered on the database, and give the statements that this took."""
    caller = Caller(
        account_id=settings.account_id,
        region=settings.region,
        principal="bench",
        request_id="11111111-2222-4333-8444-555555555555",
    )
    database = _RecordingDatabase(conninfo, connections=1)
    try:
        invoker(database, settings)(name, parameters, caller)
    finally:
        database.close()
    return database.steps


class _RecordingDatabase(Database):
    """A database that notes the statements of its last write transaction."""

    steps: Steps

    @contextmanager
    def transaction(self, *, is_bulk: bool = False) -> Iterator[Transaction]:
        with super().transaction(is_bulk=is_bulk) as transaction:
            recording = _Recording(transaction)
            self.steps = recording.steps
            yield recording


class _Recording(Transaction):
    """A transaction that takes the place of another one and notes what it sends."""

    def __init__(self, transaction: Transaction) -> None:
        vars(self).update(vars(transaction))
        self.steps: Steps = [[]]

    def send(
        self, query: LiteralString, parameters: Sequence[Any] | Mapping[str, Any] = ()
    ) -> Pending:
        self.steps[-1].append(Statement(query, parameters))
        pending: Any = _Reading(self.steps, super().send(query, parameters))
        return pending  # type: ignore[no-any-return]  # it stands in for one


class _Reading:
    """An answer; whoever reads it first ends a step, unless the step has ended already."""

    def __init__(self, steps: Steps, pending: Pending) -> None:
        self._steps = steps
        self._step = steps[-1]
        self._pending = pending

    def rows(self) -> list[Row]:
        self._wait()
        return self._pending.rows()

    def row(self) -> Row | None:
        self._wait()
        return self._pending.row()

    @property
    def count(self) -> int:
        self._wait()
        return self._pending.count

    def _wait(self) -> None:
        if self._step is self._steps[-1]:
            self._steps.append([])
