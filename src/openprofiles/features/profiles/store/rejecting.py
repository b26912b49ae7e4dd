"""Objects that were taken and could not be placed: kept with their reason, never lost."""

from collections.abc import Sequence

import msgspec

from openprofiles.core import ids
from openprofiles.features import domains
from openprofiles.features.context import Context


def keep_rejected(
    context: Context,
    domain: domains.Domain,
    object_type: str,
    rejections: Sequence[tuple[str, str]],
) -> None:
    """Keep `(document, reason)` pairs for a person to look at and retry."""
    if not rejections:
        return
    rejection_ids = ids.ordered_ids(context.now, len(rejections))
    rows = [
        {"i": rejection_id, "d": document, "r": reason}
        for rejection_id, (document, reason) in zip(rejection_ids, rejections, strict=True)
    ]
    context.transaction.send(
        """
        insert into rejected_objects (
            domain_id, rejection_id, object_type, document, reason, rejected_at, request_id)
        select %s, i, %s, d, r, %s, %s
        from json_to_recordset(%s::json) as row (i uuid, d text, r text)
        """,
        [
            domain.id,
            object_type,
            context.now,
            context.caller.request_id,
            msgspec.json.encode(rows).decode(),
        ],
    )
