"""The requests of this room's operations."""

from typing import Annotated, Any, NotRequired, TypedDict

from msgspec import Meta

from openprofiles.core.shapes import DomainName, PageSize, ProfileId, Token
from openprofiles.features.erasure.store import Erasure

ErasureId = ProfileId
"""Erasures have ids like profiles."""

KeyName = Annotated[str, Meta(min_length=1, max_length=64)]
KeyValues = Annotated[
    list[Annotated[str, Meta(min_length=1, max_length=255)]], Meta(min_length=1, max_length=10)
]


class PersonRequest(TypedDict):
    """One person: all profiles of these ids, or the one that a key value names."""

    DomainName: DomainName
    ProfileIds: NotRequired[Annotated[list[ProfileId], Meta(min_length=1, max_length=100)]]
    KeyName: NotRequired[KeyName]
    Values: NotRequired[KeyValues]


class EraseRequest(PersonRequest):
    """With `Tombstone`, objects with the person's key values are rejected from now on."""

    Tombstone: NotRequired[bool]


class ListRequest(TypedDict):
    """A page of receipts."""

    DomainName: DomainName
    MaxResults: NotRequired[PageSize]
    NextToken: NotRequired[Token]


class OneRequest(TypedDict):
    """One erasure."""

    DomainName: DomainName
    ErasureId: ErasureId


def as_response(erasure: Erasure) -> dict[str, Any]:
    """A receipt as it shows."""
    return {
        name: value
        for name, value in {
            "ErasureId": erasure.id,
            "Status": "DONE" if erasure.finished_at else "LOOKING_THROUGH_REJECTED_OBJECTS",
            "ErasedAt": erasure.erased_at,
            "FinishedAt": erasure.finished_at,
            "ErasedBy": erasure.principal,
            "RequestId": erasure.request_id,
            "ProfileIds": erasure.profile_ids,
            "Counts": erasure.counts,
            "Digest": erasure.digest,
            "TombstoneValues": erasure.tombstone_values,
            "TombstoneLiftedAt": erasure.lifted_at,
            "TombstoneLiftedBy": erasure.lifted_by,
        }.items()
        if value is not None
    }
