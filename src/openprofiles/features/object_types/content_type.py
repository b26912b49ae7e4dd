"""Equality of key values: each content type has one form, applied when a value is stored and when
it is looked up.
"""

import hashlib
import unicodedata
from collections.abc import Callable, Sequence

from openprofiles.features.object_types import number, phone_number

DEFAULT = "STRING"
LONGEST_STORED_BYTES = 500
"""Longer key values are stored as their digest: PostgreSQL cannot index arbitrarily long ones."""

_SEPARATOR = "\x1f"
_ESCAPES = str.maketrans({"\x1e": "\x1e0", _SEPARATOR: "\x1e1"})


def _unchanged(text: str) -> str:
    return text


def _email_address(text: str) -> str:
    return text.strip().lower()


def _name(text: str) -> str:
    collapsed = " ".join(text.split())
    if collapsed.isascii():
        return collapsed.lower()
    # Unicode's canonical caseless match (chapter 3.13, D145): an accent typed apart is the
    # accent typed together.
    folded = unicodedata.normalize("NFD", collapsed).casefold()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", folded))


NORMALISERS: dict[str, Callable[[str], str]] = {
    "STRING": _unchanged,
    "NUMBER": number.normalise,
    "PHONE_NUMBER": phone_number.normalise,
    "EMAIL_ADDRESS": _email_address,
    "NAME": _name,
}
"""Content type -> the one form of a text; empty when nothing of it counts."""


def normalise_part(content_type: str, text: str) -> str:
    """One part of a key in its one form; empty for a blank one (white space, a phone number
    without digits).
    """
    return NORMALISERS[content_type](text) if text and not text.isspace() else ""


def normalise(
    content_types: Sequence[str], parts: Sequence[str], *, blanks_allowed: bool = False
) -> str | None:
    """The value of a key as it is stored and looked up, for one part or for several (a
    composite key).

    None when a part is blank; with `blanks_allowed` (UNIQUE keys) only when all are.
    """
    normalised = [
        normalise_part(content_type, text)
        for content_type, text in zip(content_types, parts, strict=True)
    ]
    if not (any(normalised) if blanks_allowed else all(normalised)):
        return None
    return shortened(joined(normalised))


def joined(normalised: Sequence[str]) -> str:
    """Normalised parts as one text, different for different parts."""
    if len(normalised) == 1:
        return normalised[0]
    return _SEPARATOR.join(part.translate(_ESCAPES) for part in normalised)


def shortened(value: str) -> str:
    """`value`, or its digest when it is longer than an index takes."""
    if len(value) * 4 <= LONGEST_STORED_BYTES:
        return value
    encoded = value.encode("utf-8", "surrogatepass")
    if len(encoded) <= LONGEST_STORED_BYTES:
        return value
    return f"sha256:{hashlib.sha256(encoded).hexdigest()}"
