"""FindProfiles: what somebody typed, as all that it may be: a whole key value, the beginning of
one, or of a name.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from openprofiles.features import object_types
from openprofiles.features.profiles.profile import ALIAS
from openprofiles.features.profiles.search import Term

SHORTEST = 2
"""Letters from which on a beginning is looked for; of what is no name, one more."""
SHORTEST_ID = 6

LAST = "\U0010ffff"
"""Sorts after whatever goes on after a beginning."""

_ID = re.compile(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")
_PHONE = re.compile(r"(?:tel:)?[\s+().\-/0-9]*(?:(?:x|ext\.?)\s*[0-9]*)?", re.IGNORECASE)
_DIGITS_OF_PHONE = 4


class Range(Struct, frozen=True):
    """All values of a key that begin with a text."""

    key_name: str
    start: str


class Name(Struct, frozen=True):
    """What the last name begins with, and the first name."""

    last: str
    first: str = ""


class Guess(Struct, frozen=True):
    """All that a text may be."""

    terms: tuple[Term, ...]
    ranges: tuple[Range, ...]
    names: tuple[Name, ...]
    business_names: tuple[str, ...]


def guess(text: str, keys: Mapping[str, Sequence[str]]) -> Guess:
    """What `text` may be, in a domain with these keys (name -> content types of its parts)."""
    typed = " ".join(text.split())
    sole = {name: types[0] for name, types in keys.items() if len(types) == 1}
    return Guess(
        terms=tuple(_terms(typed, sole)),
        ranges=tuple(_ranges(typed, sole)),
        names=tuple(_names(typed)),
        business_names=_cases(typed) if len(typed) >= SHORTEST else (),
    )


def _terms(typed: str, keys: Mapping[str, str]) -> Iterable[Term]:
    for name, content_type in keys.items():
        for given in _spellings(typed, name, content_type):
            value = object_types.normalise([content_type], [given])
            if value is not None:
                yield Term(0, name, (given,), value)


def _spellings(typed: str, key_name: str, content_type: str) -> Iterable[str]:
    """What could be meant under a key: nothing where the text cannot be such a value."""
    if key_name == ALIAS:
        found = _ID.fullmatch(typed)
        return [found[0].replace("-", "").lower()] if found else []
    if content_type == "PHONE_NUMBER":
        return [typed] if _is_phone(typed) else []
    if content_type == "NAME":
        last, comma, first = typed.partition(",")
        return [typed, f"{first.strip()} {last.strip()}"] if comma else [typed]
    return [typed]


def _ranges(typed: str, keys: Mapping[str, str]) -> Iterable[Range]:
    for name, content_type in keys.items():
        if content_type == "PHONE_NUMBER":
            starts = object_types.phone_beginnings(typed) if _is_phone(typed) else []
        else:
            value = object_types.normalise_part(content_type, typed)
            least = SHORTEST if content_type == "NAME" else SHORTEST + 1
            least = SHORTEST_ID if name == ALIAS else least
            starts = [value.lower() if name == ALIAS else value] if len(value) >= least else []
        yield from (Range(name, start) for start in starts)


def _is_phone(typed: str) -> bool:
    digits = sum(letter.isdigit() for letter in typed)
    return digits >= _DIGITS_OF_PHONE and _PHONE.fullmatch(typed) is not None


def _names(typed: str) -> Iterable[Name]:
    """First and last name in either order; a comma says that the last one comes first."""
    if "@" in typed or len(typed) < SHORTEST or not any(map(str.isalpha, typed)):
        return
    last, comma, first = (part.strip() for part in typed.partition(","))
    if comma:
        pairs = [(last, first)]
    else:
        words = typed.split(" ")
        pairs = [(typed, "")]
        if len(words) > 1:
            pairs += [(words[-1], words[0]), (words[0], words[1])]
    for one, other in pairs:
        if one:
            yield from map(Name, _cases(one), _cases(other))


def _cases(text: str) -> tuple[str, str]:
    """A text as the index has names: of ASCII in lower case, of all else as it was written, which
    is in lower or in upper case.
    """
    return _lower(text.lower()), _lower(text.upper())


def _lower(text: str) -> str:
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)
