"""What an account's jobs have still to do, and which failed lately: for who asks how it goes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from openprofiles.features.context import Context
from openprofiles.features.work import store

LATELY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """Jobs of a kind: how many run, are due and not begun (since when), and failed lately."""

    kind: str
    running: int
    due: int
    due_since: datetime | None
    failed: int

    def as_response(self) -> dict[str, Any]:
        """The numbers as our operations show them."""
        return {
            "Kind": self.kind,
            "Running": self.running,
            "Due": self.due,
            "DueSince": self.due_since,
            "FailedLately": self.failed,
        }


def count_backlog(context: Context) -> list[Backlog]:
    """The backlog of the caller's account by kind; kinds of which there is nothing are left out."""
    rows = store.count_states(
        context.transaction,
        context.caller.account_id,
        since=context.now - LATELY,
        now=context.now,
    )
    return [
        Backlog(kind=kind, running=running, due=due, due_since=due_since, failed=failed)
        for kind, running, due, due_since, failed in rows
        if running or due or failed
    ]
