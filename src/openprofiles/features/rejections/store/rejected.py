"""Reads, changes and removes rejected objects; what ingestion rejects, the profiles' room keeps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from openprofiles.core import ids
from openprofiles.core.ids import LAST, Id
from openprofiles.features.rejections.rejected_object import RejectedObject
from openprofiles.storage.database import Row, Transaction
from openprofiles.storage.encryption import Cipher, cipher_of, require_clear, size_of

_LISTED = """
    rejection_id, object_type, reason, rejected_at, request_id, octet_length(document), tries,
    tried_at, left(document, 20)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which rejected objects of a domain are meant; None = whatever."""

    ids: Sequence[Id] | None = None
    object_type: str | None = None
    reason: str | None = None

    def parameters(self) -> Mapping[str, Any]:
        """For a query with `_FILTER` in it."""
        return {"ids": self.ids, "type": self.object_type, "reason": self.reason}


_FILTER = """
    and (%(ids)s::uuid[] is null or rejection_id = any(%(ids)s::uuid[]))
    and (%(type)s::text is null or object_type = %(type)s::text)
    and (%(reason)s::text is null or reason = %(reason)s::text)
"""

Place = tuple[str, Id]
"""Where a walk through rejected objects stands: object type and id."""


def list_page(
    transaction: Transaction, domain_id: int, wanted: Filter, *, before: Id | None, limit: int
) -> list[RejectedObject]:
    """Rejected objects, the newest first, without their documents."""
    rows = transaction.rows(
        f"""
        select {_LISTED} from rejected_objects
        where domain_id = %(domain)s and rejection_id < %(before)s {_FILTER}
        order by rejection_id desc limit %(limit)s
        """,
        {"domain": domain_id, "before": before or LAST, "limit": limit, **wanted.parameters()},
    )
    return [_rejected(row, None) for row in rows]


def find(transaction: Transaction, domain_id: int, rejection_id: Id) -> RejectedObject | None:
    """A rejected object with its document."""
    row = transaction.row(
        f"""
        select {_LISTED}, document from rejected_objects
        where domain_id = %s and rejection_id = %s
        """,
        [domain_id, rejection_id],
    )
    if row is None:
        return None
    cipher = cipher_of(transaction, domain_id)
    if cipher is None:
        require_clear(transaction, row[9])
    return _rejected(row, cipher)


def count(transaction: Transaction, domain_id: int, object_type: str | None) -> list[Row]:
    """(object type, reason, number, first, last), the most frequent first."""
    return transaction.rows(
        """
        select object_type, reason, count(*), min(rejected_at), max(rejected_at)
        from rejected_objects
        where domain_id = %s and (%s::text is null or object_type = %s::text)
        group by object_type, reason order by count(*) desc, object_type, reason
        """,
        [domain_id, object_type, object_type],
    )


def count_by_hour(
    transaction: Transaction, domain_id: int, *, since: datetime, until: datetime
) -> list[tuple[datetime, int]]:
    """(hour, number) of the objects that were rejected between two moments and are still there."""
    rows = transaction.rows(
        """
        select date_trunc('hour', rejected_at, 'UTC') as hour, count(*) from rejected_objects
        where domain_id = %s and rejection_id >= %s and rejection_id < %s group by hour
        """,
        [domain_id, ids.lowest_id(since), ids.lowest_id(until)],
    )
    return [(hour, count) for hour, count in rows]


def lock_next(
    transaction: Transaction, domain_id: int, wanted: Filter, *, after: Place, limit: int
) -> list[RejectedObject]:
    """The next rejected objects by type and age, with their documents, held until the end of the
    transaction; fewer than `limit` only when there are no more.
    """
    object_type, rejection_id = after
    rows = transaction.rows(
        f"""
        select {_LISTED}, document from rejected_objects
        where domain_id = %(domain)s and (object_type, rejection_id) > (%(after)s, %(id)s) {_FILTER}
        order by object_type, rejection_id limit %(limit)s for update
        """,
        {
            "domain": domain_id,
            "after": object_type,
            "id": rejection_id,
            "limit": limit,
            **wanted.parameters(),
        },
    )
    cipher = cipher_of(transaction, domain_id)
    return [_rejected(row, cipher) for row in rows]


def delete(transaction: Transaction, domain_id: int, rejection_ids: Sequence[Id]) -> None:
    """Remove rejected objects that the transaction holds."""
    transaction.send(
        # `offset 0`: of a domain that is newer than its statistics, the planner would read all.
        """
        delete from rejected_objects as rejected using (
            select %s::integer as domain_id, id from unnest(%s::uuid[]) as id offset 0
        ) as gone
        where rejected.domain_id = gone.domain_id and rejected.rejection_id = gone.id
        """,
        [domain_id, list(rejection_ids)],
    )


def delete_some(transaction: Transaction, domain_id: int, wanted: Filter, *, limit: int) -> int:
    """Remove up to `limit` rejected objects; how many went."""
    return transaction.send(
        f"""
        delete from rejected_objects where domain_id = %(domain)s and rejection_id = any(array(
            select rejection_id from rejected_objects
            where domain_id = %(domain)s {_FILTER} order by rejection_id limit %(limit)s for update
        ))
        """,
        {"domain": domain_id, "limit": limit, **wanted.parameters()},
    ).count


def delete_expired(transaction: Transaction, *, now: datetime, limit: int) -> int:
    """Remove up to `limit` rejected objects, and as many letters, of all domains that are older
    than their domain keeps objects; how many of both went.
    """
    objects = transaction.send(
        """
        delete from rejected_objects where (domain_id, rejection_id) in (
            select domain_id, rejection_id from rejected_objects join domains using (domain_id)
            where rejected_at <= %s - make_interval(
                days => (configuration ->> 'DefaultExpirationDays')::integer)
            limit %s for update of rejected_objects skip locked)
        """,
        [now, limit],
    )
    sent = transaction.send(
        """
        delete from dead_letters where (domain_id, letter_id) in (
            select domain_id, letter_id from dead_letters join domains using (domain_id)
            where rejected_at <= %s - make_interval(
                days => (configuration ->> 'DefaultExpirationDays')::integer)
            limit %s for update of dead_letters skip locked)
        """,
        [now, limit],
    )
    return objects.count + sent.count


def note_tries(
    transaction: Transaction, domain_id: int, reasons: Mapping[Id, str], *, now: datetime
) -> None:
    """Note that rejected objects were tried again, and why they stay."""
    rows = [{"i": rejection_id, "r": reason} for rejection_id, reason in reasons.items()]
    transaction.send(
        """
        update rejected_objects as rejected
        set reason = tried.r, tries = rejected.tries + 1, tried_at = %s
        from (
            select %s::integer as domain_id, row.*
            from json_to_recordset(%s::json) as row (i uuid, r text) offset 0
        ) as tried
        where rejected.domain_id = tried.domain_id and rejected.rejection_id = tried.i
        """,
        [now, domain_id, msgspec.json.encode(rows).decode()],
    )


def _rejected(row: Row, cipher: Cipher | None) -> RejectedObject:
    document = row[9] if len(row) > 9 else None
    if document is not None and cipher is not None:
        document = cipher.open_text(document, f"rejected_objects/{row[0]}")
    return RejectedObject(
        id=row[0],
        object_type=row[1],
        reason=row[2],
        rejected_at=row[3],
        request_id=row[4],
        size=size_of(row[8], row[5]),
        tries=row[6],
        tried_at=row[7],
        document=document,
    )
