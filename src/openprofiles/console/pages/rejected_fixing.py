"""A rejected document as fields that a person can change, and back."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FIELD = "field:"
"""What the names of the fields of the form begin with."""

LONGEST_LINE = 120
"""Longer texts get more lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentField:
    """A member of a document that is one value: its name, its text, whether it is long."""

    name: str
    text: str
    is_long: bool


def read(document: str) -> dict[str, Any] | None:
    """The members of a document; None when it is no JSON object."""
    try:
        content = json.loads(document)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def fields_of(document: str) -> tuple[DocumentField, ...]:
    """The members that are one value, in their order; none when it is no JSON object."""
    return tuple(
        DocumentField(
            name=name, text=(text := _text(value)), is_long=len(text) > LONGEST_LINE or "\n" in text
        )
        for name, value in (read(document) or {}).items()
        if not isinstance(value, dict | list)
    )


def pretty(document: str) -> str:
    """A document as people read JSON; as it is when it is none."""
    content = read(document)
    return document if content is None else json.dumps(content, indent=2, ensure_ascii=False)


def fixed(document: str, form: Mapping[str, str]) -> str:
    """The document with the values that the form has for its fields.

    A text stays a text. What was a number, yes or no, or nothing stays so while what was typed
    can be one, and becomes a text otherwise.
    """
    content = read(document) or {}
    for name, value in content.items():
        typed = form.get(FIELD + name)
        if typed is None or isinstance(value, dict | list):
            continue
        # Browsers send line ends as CR LF.
        typed = typed.replace("\r\n", "\n")
        if typed != _text(value):
            content[name] = typed if isinstance(value, str) else _value(typed)
    return json.dumps(content, ensure_ascii=False)


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def _value(typed: str) -> Any:
    try:
        value = json.loads(typed)
    except ValueError:
        return typed
    return typed if isinstance(value, dict | list) else value
