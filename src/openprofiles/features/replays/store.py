"""SQL of the replays room: how far each replay has come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from openprofiles.core.ids import LAST, Id
from openprofiles.features.replays.counts import Counts, decode
from openprofiles.storage.database import Row, Transaction

_COLUMNS = (
    "replay_id, object_type, type_version, is_dry_run, status, message, position, total, counts,"
    " started_at, updated_at, ended_at"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """One replay; `position` is the unique key of the last object that is done."""

    id: Id
    object_type: str
    type_version: Id | None
    is_dry_run: bool
    status: str
    message: str | None
    position: bytes
    total: int
    counts: Counts
    started_at: datetime
    updated_at: datetime
    ended_at: datetime | None

    def as_response(self) -> dict[str, Any]:
        """The replay as our operations show it."""
        members = {
            "ReplayId": self.id,
            "ObjectTypeName": self.object_type,
            "DryRun": self.is_dry_run,
            "Status": self.status,
            "Message": self.message,
            "Total": self.total,
            "StartedAt": self.started_at,
            "LastUpdatedAt": self.updated_at,
            "EndedAt": self.ended_at,
            **self.counts.as_response(),
        }
        return {name: value for name, value in members.items() if value is not None}


def insert(transaction: Transaction, domain_id: int, replay: Replay) -> None:
    """Begin a replay."""
    transaction.send(
        """
        insert into replays (
            domain_id, replay_id, object_type, type_version, is_dry_run, status, position, total,
            counts, started_at, updated_at)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s)
        """,
        [
            domain_id,
            replay.id,
            replay.object_type,
            replay.type_version,
            replay.is_dry_run,
            replay.status,
            replay.position,
            replay.total,
            _json(replay.counts),
            replay.started_at,
            replay.updated_at,
        ],
    )


def find(transaction: Transaction, domain_id: int, replay_id: Id) -> Replay | None:
    """A replay of a domain."""
    row = transaction.row(
        f"select {_COLUMNS} from replays where domain_id = %s and replay_id = %s",  # noqa: S608
        [domain_id, replay_id],
    )
    return _replay(row) if row else None


def lock(transaction: Transaction, domain_id: int, replay_id: Id) -> Replay | None:
    """A replay that has not ended, held until the end of the transaction."""
    row = transaction.row(
        f"select {_COLUMNS} from replays "  # noqa: S608 (a list of columns)
        "where domain_id = %s and replay_id = %s and ended_at is null for update",
        [domain_id, replay_id],
    )
    return _replay(row) if row else None


def find_unfinished(transaction: Transaction, domain_id: int, object_type: str) -> Replay | None:
    """The replay of a type that has not ended."""
    row = transaction.row(
        f"select {_COLUMNS} from replays "  # noqa: S608 (a list of columns)
        "where domain_id = %s and object_type = %s and ended_at is null",
        [domain_id, object_type],
    )
    return _replay(row) if row else None


def list_page(
    transaction: Transaction, domain_id: int, *, before: Id | None, limit: int
) -> list[Replay]:
    """Replays of a domain, the newest first."""
    rows = transaction.rows(
        f"select {_COLUMNS} from replays "  # noqa: S608 (a list of columns)
        "where domain_id = %s and replay_id < %s order by replay_id desc limit %s",
        [domain_id, before or LAST, limit],
    )
    return [_replay(row) for row in rows]


def list_due(transaction: Transaction) -> Sequence[Row]:
    """(account, domain's name, replay) of all that have not ended, the oldest first."""
    return transaction.rows(
        """
        select account_id, name, replay_id from replays join domains using (domain_id)
        where ended_at is null order by replay_id
        """
    )


def advance(transaction: Transaction, domain_id: int, replay: Replay) -> None:
    """Note how far a replay has come."""
    transaction.send(
        """
        update replays set position = %s, total = %s, counts = %s::jsonb, updated_at = %s
        where domain_id = %s and replay_id = %s
        """,
        [
            replay.position,
            replay.total,
            _json(replay.counts),
            replay.updated_at,
            domain_id,
            replay.id,
        ],
    )


def end(
    transaction: Transaction,
    domain_id: int,
    replay_id: Id,
    *,
    status: str,
    message: str | None,
    now: datetime,
) -> None:
    """Note that a replay is over."""
    transaction.send(
        """
        update replays set status = %s, message = %s, updated_at = %s, ended_at = %s
        where domain_id = %s and replay_id = %s
        """,
        [status, message, now, now, domain_id, replay_id],
    )


def _replay(row: Row) -> Replay:
    return Replay(
        id=row[0],
        object_type=row[1],
        type_version=row[2],
        is_dry_run=row[3],
        status=row[4],
        message=row[5],
        position=bytes(row[6]),
        total=row[7],
        counts=decode(row[8]),
        started_at=row[9],
        updated_at=row[10],
        ended_at=row[11],
    )


def _json(counts: Counts) -> str:
    return msgspec.json.encode(counts).decode()
