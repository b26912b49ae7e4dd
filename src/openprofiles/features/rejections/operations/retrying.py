"""Trying rejected objects again, beyond the AWS API.

An object leaves the rejected ones in the transaction that ingests it: so it is ingested once,
whoever else tries it and whatever dies. One that is rejected again stays.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from openprofiles.core import paging
from openprofiles.core.errors import BadRequest, ServiceError
from openprofiles.core.ids import FIRST, Id
from openprofiles.core.operation import Answer, Operation, Route, operation
from openprofiles.features import domains, object_types, profiles
from openprofiles.features.context import Context
from openprofiles.features.rejections.operations.rejected import require
from openprofiles.features.rejections.rejected_object import RejectedObject
from openprofiles.features.rejections.shapes import (
    REJECTED,
    RetryOneRequest,
    RetryRequest,
    filter_of,
)
from openprofiles.features.rejections.store import rejected

_DEFAULT_PAGE = 100


@operation("RetryRejectedObjects", route=Route("POST", f"{REJECTED}/retry", RetryRequest))
def retry_rejected_objects(context: Context, request: RetryRequest) -> Answer:
    """Ingest rejected objects again, by type and the oldest first: what became of each. Those that
    are rejected again stay, with the new reason; `NextToken` goes on with those that are left.

    One call tries objects of one type, so a page may be shorter than asked for.
    """
    domain = domains.require_for_write(context, request["DomainName"])
    wanted = filter_of(request)
    scope = ("RetryRejectedObjects", domain.id, wanted.ids, wanted.object_type, wanted.reason)
    after = _place(paging.decode(scope, request.get("NextToken"), context.now), wanted.object_type)
    size = request.get("MaxResults", _DEFAULT_PAGE)
    found = rejected.lock_next(context.transaction, domain.id, wanted, after=after, limit=size)
    # The key values of a transaction are locked in one go, so it does one type.
    page = [item for item in found if item.object_type == found[0].object_type]
    results = _retry(context, domain, page)
    token = None
    if len(found) == size or len(page) < len(found):
        token = paging.encode(scope, page[-1].id + page[-1].object_type, context.now)
    again = sum(result.outcome.result == "rejected" for result in results)
    return {
        "Ingested": len(results) - again,
        "RejectedAgain": again,
        "Items": [result.as_response() for result in results],
        "NextToken": token,
    }


@operation(
    "RetryRejectedObject", route=Route("POST", f"{REJECTED}/{{RejectionId}}/retry", RetryOneRequest)
)
def retry_rejected_object(context: Context, request: RetryOneRequest) -> Answer:
    """Ingest a rejected object again, as it was received or as the changed document in `Object`;
    what became of it. BadRequest when `Object` is no JSON object.

    If it is rejected again it stays as it was received; the reason is the new one unless the
    document was a changed one.
    """
    domain = domains.require_for_write(context, request["DomainName"])
    rejection_id = request["RejectionId"]
    changed = request.get("Object")
    document = None
    if changed is not None:
        try:
            document = profiles.read_document(changed)
        except profiles.NotAnObject as problem:
            raise BadRequest(str(problem)) from None
    wanted = rejected.Filter(ids=[rejection_id])
    found = rejected.lock_next(
        context.transaction, domain.id, wanted, after=("", FIRST), limit=1
    ) or [require(context, domain, rejection_id)]
    (result,) = _retry(context, domain, found, changed=document)
    return result.as_response()


@dataclass(frozen=True, slots=True)
class _Result:
    """What became of a rejected object that was tried again."""

    rejection_id: Id
    outcome: profiles.Outcome

    def as_response(self) -> dict[str, Any]:
        key = self.outcome.unique_key
        is_rejected = self.outcome.result == "rejected"
        answer = {
            "RejectionId": self.rejection_id,
            "Result": self.outcome.result,
            "Reason": self.outcome.reason,
            "ProfileId": self.outcome.profile_id,
            "ProfileObjectUniqueKey": None
            if is_rejected or key is None
            else profiles.key_as_text(key),
        }
        return {name: value for name, value in answer.items() if value is not None}


def _retry(
    context: Context,
    domain: domains.Domain,
    items: Sequence[RejectedObject],
    *,
    changed: profiles.Document | None = None,
) -> list[_Result]:
    """Ingest rejected objects of one type, `changed` in place of the document of the only one."""
    if not items:
        return []
    outcomes = _ingest(context, domain, items, changed)
    again = {
        item.id: item.reason if changed else outcome.reason or ""
        for item, outcome in zip(items, outcomes, strict=True)
        if outcome.result == "rejected"
    }
    gone = [item.id for item in items if item.id not in again]
    rejected.delete(context.transaction, domain.id, gone)
    rejected.note_tries(context.transaction, domain.id, again, now=context.now)
    return [_Result(item.id, outcome) for item, outcome in zip(items, outcomes, strict=True)]


def _ingest(
    context: Context,
    domain: domains.Domain,
    items: Sequence[RejectedObject],
    changed: profiles.Document | None,
) -> list[profiles.Outcome]:
    """An outcome for each, in their order; without a usable type all are rejected again."""
    try:
        mapping = object_types.require_mapping(context, domain, items[0].object_type)
    except ServiceError as error:
        return [profiles.Outcome("rejected", reason=error.message)] * len(items)
    outcomes: dict[Id, profiles.Outcome] = {}
    documents: dict[Id, profiles.Document] = {}
    for item in items:
        try:
            documents[item.id] = changed or profiles.read_document(item.document or "")
        except profiles.NotAnObject as problem:
            outcomes[item.id] = profiles.Outcome("rejected", reason=str(problem))
    ingested = profiles.ingest(
        context, domain, mapping, list(documents.values()), keeps_rejected=False
    )
    outcomes.update(zip(documents, ingested, strict=True))
    return [outcomes[item.id] for item in items]


def _place(cursor: str | None, object_type: str | None) -> rejected.Place:
    """Where to go on: behind the object that a page token names."""
    if cursor is None:
        return object_type or "", FIRST
    found = re.fullmatch("([0-9a-f]{32})(.+)", cursor, re.DOTALL)
    if found is None:
        raise BadRequest(paging.BROKEN)
    return found[2], found[1]


OPERATIONS: tuple[Operation, ...] = (retry_rejected_objects, retry_rejected_object)
