"""Who holds a key value on a profile: the owners of `profile_keys` rows."""

from typing import NamedTuple

from openprofiles.core.ids import Id

FIELDS = "0" * 31 + "1"
"""The profile's own standard fields: `_phone`, `_email`, `_account`, `_fullName`."""

ADDED = "0" * 31 + "2"
"""AddProfileKey."""


class HeldKey(NamedTuple):
    """One row of `profile_keys`."""

    name: str
    value: str
    profile_id: Id
    owner_id: Id


class RecordKey(NamedTuple):
    """One row of `record_keys`: a key value of a standard record, and who says so."""

    record_type: str
    name: str
    value: str
    profile_id: Id
    record_id: Id
    owner_id: Id


def object_owner(unique_key: bytes) -> Id:
    """The owner id of an object: the head of its unique key's digest."""
    return unique_key[:16].hex()
