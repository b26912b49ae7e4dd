"""Rows of an archive's parts as JSON: opened when they leave, sealed when they come."""

from collections.abc import Callable, Mapping
from typing import Any

from openprofiles.features import profiles
from openprofiles.storage.encryption import Cipher

Line = dict[str, Any]
Change = Callable[[Cipher, Line], None]


def open_row(cipher: Cipher, part: str, row: Line) -> bool:
    """Open what is sealed in a row; False when the part holds nothing of the kind."""
    change = _OPENS.get(part)
    if change is not None:
        change(cipher, row)
    return change is not None


def seal_row(cipher: Cipher, part: str, row: Line) -> None:
    """Seal what is to be sealed in a row."""
    change = _SEALS.get(part)
    if change is not None:
        change(cipher, row)


def _open_profile(cipher: Cipher, row: Line) -> None:
    row["fields"] = cipher.open(row["fields"], f"profiles/{_id(row['profile_id'])}")
    row["added_keys"] = cipher.values(row["added_keys"])


def _seal_profile(cipher: Cipher, row: Line) -> None:
    row["fields"] = cipher.seal(row["fields"], f"profiles/{_id(row['profile_id'])}")
    row["added_keys"] = cipher.tokens(row["added_keys"])


def _open_key(cipher: Cipher, row: Line) -> None:
    row["value"] = cipher.value(row["key_name"], row["value"])


def _seal_key(cipher: Cipher, row: Line) -> None:
    row["value"] = cipher.token(row["key_name"], row["value"])


def _open_object(cipher: Cipher, row: Line) -> None:
    row["document"] = cipher.open_text(row["document"], _place_of_object(row))
    row["keys"] = cipher.values(row["keys"])


def _seal_object(cipher: Cipher, row: Line) -> None:
    place = _place_of_object(row)
    row["document"] = cipher.seal_text(row["document"], place, row["object_type"])
    row["keys"] = cipher.tokens(row["keys"])


def _place_of_object(row: Line) -> str:
    return f"profile_objects/{row['object_type']}/{row['unique_key'].removeprefix(_HEX)}"


def _open_record(cipher: Cipher, row: Line) -> None:
    row["fields"] = cipher.open(row["fields"], f"standard_records/{_id(row['record_id'])}")


def _seal_record(cipher: Cipher, row: Line) -> None:
    row["fields"] = cipher.seal(row["fields"], f"standard_records/{_id(row['record_id'])}")


def _open_rejected(cipher: Cipher, row: Line) -> None:
    place = f"rejected_objects/{_id(row['rejection_id'])}"
    row["document"] = cipher.open_text(row["document"], place)


def _seal_rejected(cipher: Cipher, row: Line) -> None:
    place = f"rejected_objects/{_id(row['rejection_id'])}"
    row["document"] = cipher.seal_text(row["document"], place, row["object_type"])


def _open_merge(cipher: Cipher, row: Line) -> None:
    row["receipt"], row["before"] = profiles.open_receipt(
        cipher, _id(row["merge_id"]), row["receipt"], row["before"]
    )


def _seal_merge(cipher: Cipher, row: Line) -> None:
    row["receipt"], row["before"] = profiles.seal_receipt(
        cipher, _id(row["merge_id"]), row["receipt"], row["before"]
    )


def _id(text: str) -> str:
    """An id as the service writes it; PostgreSQL writes dashes."""
    return text.replace("-", "")


_HEX = "\\x"
_OPENS: Mapping[str, Change] = {
    "profiles": _open_profile,
    "profile_keys": _open_key,
    "record_keys": _open_key,
    "profile_objects": _open_object,
    "standard_records": _open_record,
    "rejected_objects": _open_rejected,
    "merges": _open_merge,
}
_SEALS: Mapping[str, Change] = {
    "profiles": _seal_profile,
    "profile_keys": _seal_key,
    "record_keys": _seal_key,
    "profile_objects": _seal_object,
    "standard_records": _seal_record,
    "rejected_objects": _seal_rejected,
    "merges": _seal_merge,
}
