"""Who holds a key value on a profile: the owners of `profile_keys` rows."""

from typing import NamedTuple
from uuid import UUID

FIELDS = UUID(int=1)
"""The profile's own standard fields: `_phone`, `_email`, `_account`, `_fullName`."""

ADDED = UUID(int=2)
"""AddProfileKey."""


class HeldKey(NamedTuple):
    """One row of `profile_keys`."""

    name: str
    value: str
    profile_id: UUID
    owner_id: UUID


class RecordKey(NamedTuple):
    """One row of `record_keys`: a key value of a standard record, and who says so."""

    record_type: str
    name: str
    value: str
    profile_id: UUID
    record_id: UUID
    owner_id: UUID


def object_owner(unique_key: bytes) -> UUID:
    """The owner id of an object: the head of its unique key's digest."""
    return UUID(bytes=unique_key[:16])
