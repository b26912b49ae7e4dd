"""The processes of the service that are at the database now: each says in the name of its
connections what it is, and is gone with the last of them.

So nothing has to be written for it, and one that died is not taken for alive. A process holds one
connection at least.
"""

import os
import socket
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, cast

from openprofiles.storage.database import Transaction

Kind = Literal["web", "jobs"]

_OURS = "openprofiles"
_MOST = 63
"""Bytes of a connection's name that PostgreSQL keeps; the host's name is cut."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Process:
    """A process that answers requests (`web`) or does what is due (`jobs`)."""

    kind: Kind
    started_at: datetime
    host: str
    process_id: int


def name_of(kind: Kind) -> str:
    """What the connections of this process are called from now on."""
    started_at = int(datetime.now(UTC).timestamp())
    host = socket.gethostname().encode("ascii", "replace").decode()
    return f"{_OURS} {kind} {started_at} {os.getpid()} {host}"[:_MOST]


def list_running(transaction: Transaction) -> list[Process]:
    """The processes of the service, on all hosts: web workers after job workers."""
    rows = transaction.rows(
        """
        select distinct application_name from pg_stat_activity
        where datname = current_database() and application_name ~ %s
        """,
        [rf"^{_OURS} (web|jobs) \d+ \d+ "],
    )
    return sorted(_parse(name) for (name,) in rows)


def _parse(name: str) -> Process:
    _, kind, started_at, process_id, host = name.split(" ", 4)
    return Process(
        kind=cast(Kind, kind),
        started_at=datetime.fromtimestamp(int(started_at), UTC),
        host=host,
        process_id=int(process_id),
    )
