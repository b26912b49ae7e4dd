"""Seeing, counting and dropping rejected objects, beyond the AWS API."""

from operator import attrgetter

from openprofiles.core import paging
from openprofiles.core.errors import ResourceNotFound
from openprofiles.core.operation import Answer, Operation, Route, operation
from openprofiles.features import domains
from openprofiles.features.context import Context
from openprofiles.features.rejections.rejected_object import RejectedObject
from openprofiles.features.rejections.shapes import (
    REJECTED,
    CountRequest,
    ListRequest,
    OneRequest,
    SomeRequest,
    filter_of,
)
from openprofiles.features.rejections.store import rejected
from openprofiles.storage import journal
from openprofiles.storage.journal import Entry

_DEFAULT_PAGE = 100
DROPPED_AT_ONCE = 10_000


@operation("ListRejectedObjects", reads_only=True, route=Route("GET", REJECTED, ListRequest))
def list_rejected_objects(context: Context, request: ListRequest) -> Answer:
    """The rejected objects of a domain, the newest first: type, reason, size, how often they were
    tried again; all, or those of a type or of a reason.
    """
    domain = domains.require(context, request["DomainName"])
    wanted = rejected.Filter(
        object_type=request.get("ObjectTypeName"), reason=request.get("Reason")
    )
    scope = ("ListRejectedObjects", domain.id, wanted.object_type, wanted.reason)
    before = paging.decode_id(scope, request.get("NextToken"), context.now)
    size = request.get("MaxResults", _DEFAULT_PAGE)
    found = rejected.list_page(
        context.transaction, domain.id, wanted, before=before, limit=size + 1
    )
    page, token = paging.cut(scope, found, size, context.now, cursor_of=attrgetter("id"))
    return {"Items": [item.as_response() for item in page], "NextToken": token}


@operation(
    "CountRejectedObjects", reads_only=True, route=Route("GET", f"{REJECTED}/counts", CountRequest)
)
def count_rejected_objects(context: Context, request: CountRequest) -> Answer:
    """How many rejected objects a domain has for each type and reason, the most frequent first."""
    domain = domains.require(context, request["DomainName"])
    rows = rejected.count(context.transaction, domain.id, request.get("ObjectTypeName"))
    return {
        "Items": [
            {
                "ObjectTypeName": object_type,
                "Reason": reason,
                "Count": number,
                "FirstRejectedAt": first,
                "LastRejectedAt": last,
            }
            for object_type, reason, number, first, last in rows
        ]
    }


@operation(
    "GetRejectedObject",
    reads_only=True,
    route=Route("GET", f"{REJECTED}/{{RejectionId}}", OneRequest),
)
def get_rejected_object(context: Context, request: OneRequest) -> Answer:
    """A rejected object with its document as it was received."""
    domain = domains.require(context, request["DomainName"])
    return require(context, domain, request["RejectionId"]).as_response()


@operation("DropRejectedObject", route=Route("DELETE", f"{REJECTED}/{{RejectionId}}", OneRequest))
def drop_rejected_object(context: Context, request: OneRequest) -> Answer:
    """Give up a rejected object: it is removed."""
    domain = domains.require_for_write(context, request["DomainName"])
    wanted = rejected.Filter(ids=[request["RejectionId"]])
    if not _drop(context, domain, wanted):
        raise _not_found(domain, request["RejectionId"])
    return {"Dropped": 1}


@operation("DropRejectedObjects", route=Route("POST", f"{REJECTED}/drop", SomeRequest))
def drop_rejected_objects(context: Context, request: SomeRequest) -> Answer:
    """Give up rejected objects, up to 10,000 in a call: how many went, and whether those were
    all.
    """
    domain = domains.require_for_write(context, request["DomainName"])
    dropped = _drop(context, domain, filter_of(request))
    return {"Dropped": dropped, "IsDone": dropped < DROPPED_AT_ONCE}


@operation("SweepRejectedObjects")
def sweep_rejected_objects(context: Context, _: object) -> Answer:
    """Remove a batch of the rejected objects that are older than their domain keeps objects without
    a rule of their own (DefaultExpirationDays); how many, and whether those were all.
    """
    count = rejected.delete_expired(context.transaction, now=context.now, limit=DROPPED_AT_ONCE)
    return {"Removed": count, "IsDone": count < DROPPED_AT_ONCE}


def require(context: Context, domain: domains.Domain, rejection_id: str) -> RejectedObject:
    """A rejected object; ResourceNotFound when there is none of this id."""
    found = rejected.find(context.transaction, domain.id, rejection_id)
    if found is None:
        raise _not_found(domain, rejection_id)
    return found


def _drop(context: Context, domain: domains.Domain, wanted: rejected.Filter) -> int:
    dropped = rejected.delete_some(context.transaction, domain.id, wanted, limit=DROPPED_AT_ONCE)
    if dropped:
        detail = {"count": dropped, "ids": wanted.ids, "reason": wanted.reason}
        journal.append(
            context.transaction,
            domain.id,
            [Entry(kind="rejections.dropped", subject=wanted.object_type, detail=detail)],
            caller=context.caller,
            now=context.now,
        )
    return dropped


def _not_found(domain: domains.Domain, rejection_id: str) -> ResourceNotFound:
    return ResourceNotFound(f"Rejected object {rejection_id} not found in domain {domain.name}")


OPERATIONS: tuple[Operation, ...] = (
    list_rejected_objects,
    count_rejected_objects,
    get_rejected_object,
    drop_rejected_object,
    drop_rejected_objects,
    sweep_rejected_objects,
)
