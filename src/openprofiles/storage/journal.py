"""The journal: one append-only table of what happened, written in the transaction that did it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from openprofiles.core import ids
from openprofiles.core.ids import Id
from openprofiles.core.operation import Caller
from openprofiles.storage.database import Pending, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
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
) -> Pending | None:
    """Append entries in their order; part of the transaction, so they are there if and only if the
    change is.
    """
    if not entries:
        return None
    rows = [
        {
            "e": entry_id,
            "k": entry.kind,
            "p": entry.profile_id,
            "s": entry.subject,
            "d": entry.detail,
            "c": (entry.caller or caller).principal,
            "r": (entry.caller or caller).request_id,
        }
        for entry_id, entry in zip(ids.ordered_ids(now, len(entries)), entries, strict=True)
    ]
    return transaction.send(
        """
        insert into journal (
            domain_id, entry_id, at, kind, profile_id, subject, principal, request_id, detail)
        select %s, e, %s, k, p, s, c, r, d
        from json_to_recordset(%s::json) as entry (
            e uuid, k text, p uuid, s text, d jsonb, c text, r text)
        """,
        [domain_id, now, msgspec.json.encode(rows).decode()],
    )
