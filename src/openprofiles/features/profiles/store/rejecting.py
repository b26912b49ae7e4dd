"""Keeps objects that were taken and could not be placed, with their reason: never lost."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from openprofiles.core import ids
from openprofiles.core.operation import Caller
from openprofiles.features import domains
from openprofiles.features.context import Context
from openprofiles.storage.encryption import cipher_of


class Rejection(NamedTuple):
    """A document, why it was rejected, and who sent it if not the context's caller."""

    document: str
    reason: str
    caller: Caller | None = None


def keep_rejected(
    context: Context, domain: domains.Domain, object_type: str, rejections: Sequence[Rejection]
) -> None:
    """Keep rejected objects for a person to look at and retry, and, where the domain has a
    dead-letter queue, as letters that the job worker sends there.
    """
    if not rejections:
        return
    rejection_ids = ids.ordered_ids(context.now)
    cipher = cipher_of(context.transaction, domain.id)
    rows = [
        {
            "i": rejection_id,
            "d": rejection.document,
            "r": rejection.reason,
            "q": (rejection.caller or context.caller).request_id,
        }
        for rejection_id, rejection in zip(rejection_ids, rejections, strict=False)
    ]
    if cipher is not None:
        for row in rows:
            place = f"rejected_objects/{row['i']}"
            row["d"] = cipher.seal_text(row["d"], place, object_type)
    encoded = msgspec.json.encode(rows).decode()
    context.transaction.send(
        """
        insert into rejected_objects (
            domain_id, rejection_id, object_type, document, reason, rejected_at, request_id)
        select %s, i, %s, d, r, %s, q
        from json_to_recordset(%s::json) as row (i uuid, d text, r text, q text)
        """,
        [domain.id, object_type, context.now, encoded],
    )
    if domain.configuration.get("DeadLetterQueueUrl"):
        context.transaction.send(
            """
            insert into dead_letters (
                domain_id, letter_id, object_type, document, reason, rejected_at)
            select %s, i, %s, d, r, %s
            from json_to_recordset(%s::json) as row (i uuid, d text, r text)
            """,
            [domain.id, object_type, context.now, encoded],
        )
