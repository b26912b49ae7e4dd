"""How rows of this room are sealed in domains that have a key, and opened again.

Of a profile, its fields and the values of its keys; of an object, its document and its keys; of a
standard record, its fields; of a merge, what was there before. All else says nothing of a person:
ids, times, numbers, and the names of types, fields and keys.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from openprofiles.core.ids import Id
from openprofiles.features.profiles.key import HeldKey, RecordKey
from openprofiles.storage.database import Row
from openprofiles.storage.encryption import Cipher

Key = tuple[str, str]


def place_of_profile(profile_id: Id) -> str:
    """Where the fields of a profile are."""
    return f"profiles/{profile_id}"


def place_of_object(object_type: str, unique_key: bytes) -> str:
    """Where the document of an object is."""
    return f"profile_objects/{object_type}/{unique_key.hex()}"


def place_of_record(record_id: Id) -> str:
    """Where the fields of a standard record are."""
    return f"standard_records/{record_id}"


def open_profile(cipher: Cipher, row: Row) -> Row:
    """The columns PROFILE of reading.py."""
    profile_id, created_at, written_at, fields, origins, added_keys, counts, size = row
    fields = cipher.open(fields, place_of_profile(profile_id))
    added = cipher.values(added_keys)
    return profile_id, created_at, written_at, fields, origins, added, counts, size


def open_object(cipher: Cipher, row: Row) -> Row:
    """The columns OBJECT of reading.py."""
    object_type, unique_key, profile_id, written_id, size, keys, records, *moments = row
    opened = cipher.values(keys)
    return object_type, unique_key, profile_id, written_id, size, opened, records, *moments


def open_record(cipher: Cipher, row: Row) -> Row:
    """The columns RECORD of reading.py."""
    record_type, record_id, profile_id, written_id, created_at, fields, origins, fed_by = row
    fields = cipher.open(fields, place_of_record(record_id))
    return record_type, record_id, profile_id, written_id, created_at, fields, origins, fed_by


def open_holder(cipher: Cipher, row: Row) -> Row:
    """A row that begins with the name and value of a key."""
    name, token, *others = row
    return name, cipher.value(name, token), *others


def open_record_holder(cipher: Cipher, row: Row) -> Row:
    """A row that begins with a record type and the name and value of a key."""
    record_type, name, token, *others = row
    return record_type, name, cipher.value(name, token), *others


def open_fields(cipher: Cipher, row: Row) -> Row:
    """A row that begins with the id of a profile and its fields."""
    profile_id, fields, *others = row
    return profile_id, cipher.open(fields, place_of_profile(profile_id)), *others


def forms_of(cipher: Cipher | None, keys: Sequence[Key]) -> Sequence[Key]:
    """Keys (name, value) in all the forms in which they may be stored."""
    if cipher is None:
        return keys
    return [(name, form) for name, value in keys for form in cipher.forms(name, value)]


def seal_profile_row(cipher: Cipher, row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row that begins with the id, fields, provenance and added keys of a profile."""
    profile_id, fields, origins, added_keys, *others = row
    fields = cipher.seal(fields, place_of_profile(profile_id))
    return profile_id, fields, origins, cipher.tokens(added_keys), *others


def seal_key_row(cipher: Cipher, row: HeldKey) -> HeldKey:
    """A row of `profile_keys`."""
    name, value, profile_id, owner_id = row
    return name, cipher.token(name, value), profile_id, owner_id


def seal_record_key_row(cipher: Cipher, row: RecordKey) -> RecordKey:
    """A row of `record_keys`."""
    record_type, name, value, profile_id, record_id, owner_id = row
    return record_type, name, cipher.token(name, value), profile_id, record_id, owner_id


SEALED, SOURCES = "sealed", "sources"
ADDED_BY_SQL = ("objects", "keys", "main_objects")
REPLACED = (
    *("main", "merged", "changed", "added_keys", "written_at", "records"),
    *(SEALED, SOURCES),
)
"""What of a receipt is written together: in the clear, or in one sealed member."""


def seal_before(cipher: Cipher, merge_id: Id, before: Mapping[str, Any]) -> dict[str, Any]:
    """What was there before a merge: sealed, but for what SQL adds and reads: the objects and keys
    that moved, and which object types wrote something of it.
    """
    if cipher.state.values is None:
        return dict(before)
    plain = {name: value for name, value in before.items() if name in ADDED_BY_SQL}
    rest = {name: value for name, value in before.items() if name not in ADDED_BY_SQL}
    return {
        **plain,
        SEALED: cipher.seal(rest, f"merges.before/{merge_id}"),
        SOURCES: sorted(_sources(rest)),
    }


def open_receipt_row(cipher: Cipher, row: Row) -> Row:
    """The columns of a receipt, of merges.py."""
    merge_id, merged_at, cause, principal, request_id, receipt, before, *undone = row
    receipt, before = open_receipt(cipher, merge_id, receipt, before)
    return merge_id, merged_at, cause, principal, request_id, receipt, before, *undone


def open_receipt(
    cipher: Cipher, merge_id: Id, receipt: Any, before: Mapping[str, Any]
) -> tuple[Any, dict[str, Any]]:
    """Both JSON values of a receipt as they were written."""
    opened = {name: value for name, value in before.items() if name not in (SEALED, SOURCES)}
    if SEALED in before:
        opened |= cipher.open(before[SEALED], f"merges.before/{merge_id}")
    opened["keys"] = {owner: cipher.values(keys) for owner, keys in before["keys"].items()}
    return cipher.open(receipt, f"merges.receipt/{merge_id}"), opened


def seal_receipt(
    cipher: Cipher, merge_id: Id, receipt: Any, before: Mapping[str, Any]
) -> tuple[Any, dict[str, Any]]:
    """Both JSON values of a whole receipt as they are stored."""
    keys = {owner: cipher.tokens(held) for owner, held in before["keys"].items()}
    sealed = seal_before(cipher, merge_id, {**before, "keys": keys})
    return cipher.seal(receipt, f"merges.receipt/{merge_id}"), sealed


def _sources(value: Any) -> set[str]:
    """The object types that are named by writes, wherever they are (provenance.py)."""
    if isinstance(value, list):
        return set[str]().union(*map(_sources, value))
    if not isinstance(value, Mapping):
        return set()
    writes = value.get("writes", ())
    found = {write[0] for write in writes if isinstance(write, list) and write[0] is not None}
    return found.union(*map(_sources, value.values()))
