"""Who holds a key value on a profile: the owners of `profile_keys` rows."""

from openprofiles.core.ids import Id

FIELDS = "0" * 31 + "1"
"""The profile's own standard fields: `_phone`, `_email`, `_account`, `_fullName`."""

ADDED = "0" * 31 + "2"
"""AddProfileKey."""


HeldKey = tuple[str, str, Id, Id]
"""One row of `profile_keys`: (key name, normalised value, profile, owner).

A plain tuple, as making a named one takes ten times as long, and a batch makes thousands.
"""

RecordKey = tuple[str, str, str, Id, Id, Id]
"""One row of `record_keys`: (record type, key name, normalised value, profile, record, owner)."""


def object_owner(unique_key: bytes) -> Id:
    """The owner id of an object: the head of its unique key's digest."""
    return unique_key[:16].hex()
