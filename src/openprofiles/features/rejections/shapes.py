"""The requests of this room's operations."""

from typing import Annotated, NotRequired, TypedDict

from msgspec import Meta

from openprofiles.core.errors import BadRequest
from openprofiles.core.shapes import DomainName, ObjectTypeName, PageSize, ProfileId, Token
from openprofiles.features.rejections.store.rejected import Filter

RejectionId = ProfileId
"""Rejected objects have ids like profiles."""

Reason = Annotated[str, Meta(min_length=1, max_length=4096)]
RejectionIds = Annotated[list[RejectionId], Meta(min_length=1, max_length=100)]

REJECTED = "/domains/{DomainName}/rejected-objects"


class ListRequest(TypedDict):
    """Which rejected objects to list."""

    DomainName: DomainName
    ObjectTypeName: NotRequired[ObjectTypeName]
    Reason: NotRequired[Reason]
    MaxResults: NotRequired[PageSize]
    NextToken: NotRequired[Token]


class CountRequest(TypedDict):
    """Which rejected objects to count."""

    DomainName: DomainName
    ObjectTypeName: NotRequired[ObjectTypeName]


class OneRequest(TypedDict):
    """One rejected object."""

    DomainName: DomainName
    RejectionId: RejectionId


class RetryOneRequest(OneRequest):
    """`Object` is a changed document to ingest in place of the one that was rejected."""

    Object: NotRequired[str]


class SomeRequest(TypedDict):
    """Rejected objects by id, by type, by reason, or all of them; one of these must be given."""

    DomainName: DomainName
    RejectionIds: NotRequired[RejectionIds]
    ObjectTypeName: NotRequired[ObjectTypeName]
    Reason: NotRequired[Reason]
    All: NotRequired[bool]


class RetryRequest(SomeRequest):
    """`NextToken` goes on after the objects that the call before has tried."""

    MaxResults: NotRequired[PageSize]
    NextToken: NotRequired[Token]


def filter_of(request: SomeRequest) -> Filter:
    """Which objects are meant; BadRequest when nothing says so, since all would be too many."""
    named = [name for name in ("RejectionIds", "ObjectTypeName", "Reason") if name in request]
    if bool(named) == bool(request.get("All")):
        raise BadRequest("Give RejectionIds, ObjectTypeName or Reason, or else All")
    return Filter(
        ids=request.get("RejectionIds"),
        object_type=request.get("ObjectTypeName"),
        reason=request.get("Reason"),
    )
