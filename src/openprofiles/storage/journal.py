"""The journal: one append-only table of what happened, written in the transaction that did it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct, field

from openprofiles.core import ids
from openprofiles.core.ids import Id
from openprofiles.core.operation import Caller
from openprofiles.storage.database import Transaction
from openprofiles.storage.inserting import Table, insert


class Entry(Struct, frozen=True, kw_only=True):
    """One thing that happened. `kind` is noun.verb (`profile.created`), `subject` names what is not
    a profile, `caller` is who did it where the transaction does things for several.
    """

    kind: str
    profile_id: Id | None = None
    subject: str | None = None
    detail: dict[str, Any] = field(default_factory=dict)
    caller: Caller | None = None


def append(
    transaction: Transaction,
    domain_id: int,
    entries: Sequence[Entry],
    *,
    caller: Caller,
    now: datetime,
) -> None:
    """Append entries in their order; part of the transaction, so they are there if and only if the
    change is.
    """
    moment = now.isoformat()
    rows = []
    for entry_id, entry in zip(ids.ordered_ids(now), entries, strict=False):
        doer = entry.caller or caller
        rows.append(
            (
                entry_id,
                moment,
                entry.kind,
                entry.profile_id,
                entry.subject,
                doer.principal,
                doer.request_id,
                entry.detail,
            )
        )
    insert(transaction, _JOURNAL, domain_id, rows)


_JOURNAL = Table(
    "journal",
    {
        "entry_id": "uuid",
        "at": "timestamptz",
        "kind": "text",
        "profile_id": "uuid",
        "subject": "text",
        "principal": "text",
        "request_id": "text",
        "detail": "jsonb",
    },
)
