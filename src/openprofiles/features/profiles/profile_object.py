"""Profile objects and the standard records they feed, in the hands of one transaction."""

import base64
import binascii
import hashlib
from datetime import datetime
from typing import Any

from msgspec import Struct, field

from openprofiles.core.errors import ResourceNotFound
from openprofiles.core.ids import Id
from openprofiles.features.profiles.provenance import Provenance


class Origin(Struct, frozen=True):
    """The stored object that a document was read from, to go through the mapping once more."""

    unique_key: bytes
    written_id: Id
    ingested_at: datetime
    expires_at: datetime


class ProfileObject(Struct):
    """One ingested document and what it holds: key values on its profile, ties to standard
    records. `ingested_at` is None for what this transaction ingests.
    """

    object_type: str
    unique_key: bytes
    profile_id: Id
    written_id: Id
    size: int
    keys: list[tuple[str, str]]
    records: dict[str, Id]
    source_time: datetime | None
    expires_at: datetime
    document: str | None = None
    ingested_at: datetime | None = None
    is_written: bool = False
    is_new: bool = False


class StandardRecord(Struct):
    """A standard record other than a profile: `_asset`, `_order`, `_case`, …"""

    record_type: str
    id: Id
    profile_id: Id
    written_id: Id
    created_at: datetime
    fields: dict[str, Any] = field(default_factory=dict)
    provenance: Provenance = field(default_factory=dict)
    fed_by: list[tuple[str, str]] = field(default_factory=list)
    is_new: bool = False
    is_changed: bool = False


def unique_key(object_type: str, value: str) -> bytes:
    """The digest behind ProfileObjectUniqueKey: the same for every put of the same UNIQUE value
    (§1.2), also in a copy of the domain under another name.
    """
    parts = "\0".join((object_type, value))
    return hashlib.sha256(parts.encode()).digest()


def as_text(key: bytes) -> str:
    """ProfileObjectUniqueKey as it stands on the wire."""
    return base64.b64encode(key).decode()


def from_text(text: str) -> bytes:
    """The digest behind a ProfileObjectUniqueKey; ResourceNotFound when it cannot be one."""
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ResourceNotFound(
            "Profile object not found for the given ProfileObjectUniqueKey"
        ) from error
    if len(key) != hashlib.sha256().digest_size:
        raise ResourceNotFound("Profile object not found for the given ProfileObjectUniqueKey")
    return key
