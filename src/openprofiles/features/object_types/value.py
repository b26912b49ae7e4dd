"""Values of a document as text: what a field holds of whatever JSON its source finds (core
reference §4.2).
"""

from typing import Any

import msgspec

from openprofiles.features.object_types import number


def text_of(value: Any) -> str:
    """A value as text: numbers in their shortest form, lists and objects as compact JSON; empty
    for null.

    Raises ValueError when the value holds half a surrogate pair.
    """
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number.text_of(value)
    return msgspec.json.encode(value).decode() if value else ""


def is_storable(text: str) -> bool:
    """Whether PostgreSQL can hold a text: neither NUL nor half a surrogate pair."""
    if "\0" in text:
        return False
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_storable_json(value: Any) -> bool:
    """Whether all text inside a value can be stored, however deep it is."""
    rest = [value]
    while rest:
        item = rest.pop()
        if isinstance(item, str):
            if not is_storable(item):
                return False
        elif isinstance(item, dict):
            rest += item.keys()
            rest += item.values()
        elif isinstance(item, list):
            rest += item
    return True
