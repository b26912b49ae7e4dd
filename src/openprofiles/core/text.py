"""Which text the database can hold: any but NUL and halves of surrogate pairs."""

from collections.abc import Mapping
from typing import Any

from openprofiles.core.errors import BadRequest


def is_storable(text: str) -> bool:
    """Whether PostgreSQL can hold `text`."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def require_storable(member: str, value: Any) -> None:
    """Pass when all text inside `value` can be stored; BadRequest naming `member` otherwise."""
    if isinstance(value, str):
        if not is_storable(value):
            raise BadRequest(f"{member} holds a character that cannot be stored")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            require_storable(member, key)
            require_storable(member, item)
    elif isinstance(value, list | tuple):
        for item in value:
            require_storable(member, item)
