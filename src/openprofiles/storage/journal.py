"""The journal: one append-only table of what happened, written in the transaction that did it.

Only an erasure changes entries: it takes the values of a person out of them and lets them stand.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString

import msgspec
from msgspec import Struct, field

from openprofiles.core import ids
from openprofiles.core.ids import FIRST, LAST, Id
from openprofiles.core.operation import Caller
from openprofiles.storage.database import Row, Transaction
from openprofiles.storage.encryption import Cipher, cipher_of, require_clear
from openprofiles.storage.inserting import Table, insert

UNNAMED: LiteralString = "arn:aws:profile:::principal/"
"""What stands before the name of a principal that no policy knows: our own commands and jobs, and
whoever calls while `auth` is open.
"""


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
    if transaction.entry_ids is None:
        transaction.entry_ids = ids.ordered_ids(now)
    cipher = cipher_of(transaction, domain_id)
    rows = []
    for entry in entries:
        doer, entry_id = entry.caller or caller, next(transaction.entry_ids)
        rows.append(
            (
                entry_id,
                moment,
                entry.kind,
                entry.profile_id,
                entry.subject,
                doer.principal,
                doer.principal_arn,
                doer.request_id,
                _sealed(cipher, entry_id, entry.detail),
            )
        )
    insert(transaction, _JOURNAL, domain_id, rows)


def _sealed(cipher: Cipher | None, entry_id: Id, detail: Mapping[str, Any]) -> Any:
    """A detail as it is kept; an empty one tells nothing."""
    if cipher is None or not detail:
        return detail
    return cipher.seal(detail, f"journal/{entry_id}")


def _recorded(transaction: Transaction, domain_id: int, row: Row) -> "Recorded":
    cipher = cipher_of(transaction, domain_id)
    *columns, detail = row
    if cipher is None:
        require_clear(transaction, detail)
    else:
        detail = cipher.open(detail, f"journal/{row[0]}")
    return Recorded(*(*columns, detail))


_JOURNAL = Table(
    "journal",
    {
        "entry_id": "uuid",
        "at": "timestamptz",
        "kind": "text",
        "profile_id": "uuid",
        "subject": "text",
        "principal": "text",
        "principal_arn": "text",
        "request_id": "text",
        "detail": "jsonb",
    },
)


class Recorded(Struct, frozen=True):
    """An entry as it was kept. `performer` is the ARN of who did it."""

    id: Id
    at: datetime
    kind: str
    profile_id: Id | None
    subject: str | None
    principal: str
    performer: str
    request_id: str
    detail: dict[str, Any]


PERFORMER: LiteralString = f"coalesce(principal_arn, '{UNNAMED}' || principal)"
"""SQL: who did it, by an ARN also where no policy knows the principal."""

_COLUMNS: LiteralString = (
    f"entry_id, at, kind, profile_id, subject, principal, {PERFORMER}, request_id, detail"
)


def list_of_profile(
    transaction: Transaction,
    domain_id: int,
    profile_id: Id,
    *,
    kinds: Sequence[str] | None = None,
    performer: str | None = None,
    before: Id = LAST,
    after: Id = FIRST,
    limit: int,
) -> list[Recorded]:
    """Entries of a profile, the newest first, between two ids."""
    rows = transaction.rows(
        # What is put in are constants of the program.
        f"""
        select {_COLUMNS} from journal
        where domain_id = %s and profile_id = %s and entry_id < %s and entry_id > %s
            and (%s::text[] is null or kind = any(%s::text[]))
            and (%s::text is null or {PERFORMER} = %s::text)
        order by entry_id desc limit %s
        """,  # noqa: S608 (see above)
        [
            domain_id,
            profile_id,
            before,
            after,
            *[None if kinds is None else list(kinds)] * 2,
            *[performer] * 2,
            limit,
        ],
    )
    return [_recorded(transaction, domain_id, row) for row in rows]


class Heading(Struct, frozen=True):
    """What an entry about a profile says without its detail."""

    id: Id
    at: datetime
    kind: str
    profile_id: Id
    subject: str | None


def list_latest(transaction: Transaction, domain_id: int, *, limit: int) -> list[Heading]:
    """What was last done to profiles of a domain, the newest first."""
    rows = transaction.rows(
        """
        select entry_id, at, kind, profile_id, subject from journal
        where domain_id = %s and profile_id is not null and kind <> 'profile.disclosed'
        order by entry_id desc limit %s
        """,
        [domain_id, limit],
    )
    return [Heading(*row) for row in rows]


def count_by_hour(
    transaction: Transaction,
    domain_id: int,
    *,
    since: datetime,
    until: datetime,
    limit: int | None = None,
) -> list[Row]:
    """(hour, kind, number) of the entries between two moments; of the newest `limit` of them."""
    return transaction.rows(
        """
        select date_trunc('hour', at, 'UTC') as hour, kind, count(*) from (
            select at, kind from journal
            where domain_id = %s and entry_id >= %s and entry_id < %s
            order by entry_id desc limit %s
        ) as newest
        group by hour, kind
        """,
        [domain_id, ids.lowest_id(since), ids.lowest_id(until), limit],
    )


def find(transaction: Transaction, domain_id: int, entry_id: Id) -> Recorded | None:
    """An entry by its id."""
    row = transaction.row(
        f"select {_COLUMNS} from journal"  # noqa: S608 (constants of the program)
        " where domain_id = %s and entry_id = %s",
        [domain_id, entry_id],
    )
    return None if row is None else _recorded(transaction, domain_id, row)


def replace(transaction: Transaction, domain_id: int, entries: Iterable[Recorded]) -> None:
    """Give entries the subject and the detail that they have here."""
    cipher = cipher_of(transaction, domain_id)
    rows = [
        {"i": entry.id, "s": entry.subject, "d": _sealed(cipher, entry.id, entry.detail)}
        for entry in entries
    ]
    transaction.send(
        """
        update journal as entry set subject = new.s, detail = new.d
        from (
            select %s::integer as domain_id, row.*
            from json_to_recordset(%s::json) as row (i uuid, s text, d jsonb) offset 0
        ) as new
        where entry.domain_id = new.domain_id and entry.entry_id = new.i
        """,
        [domain_id, msgspec.json.encode(rows).decode()],
    )


def purge(transaction: Transaction, domain_id: int, before: datetime, *, limit: int) -> int:
    """Forget up to `limit` entries about profiles that are older than a moment; how many went."""
    return transaction.send(
        """
        delete from journal where domain_id = %s and entry_id = any(array(
            select entry_id from journal
            where domain_id = %s and entry_id < %s and profile_id is not null
            order by entry_id limit %s))
        """,
        [domain_id, domain_id, ids.lowest_id(before), limit],
    ).count
