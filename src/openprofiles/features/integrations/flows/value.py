"""Values of records as texts, numbers and moments, for tasks that compare and compute."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

LONGEST_NUMBER = 40
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_LARGEST_WHOLE = 2**53
_MILLISECONDS_FROM = 100_000_000_000
"""Numbers from here on are moments in milliseconds, as AppFlow has them; smaller ones seconds."""


def has(record: Mapping[str, Any], name: str) -> bool:
    """Whether a record has a field: by its name, or as a path through objects, `owner.name`."""
    return name in record or find(record, name) is not None


def find(record: Mapping[str, Any], name: str) -> Any:
    """A field of a record, None when it has none."""
    if name in record:
        return record[name]
    value: Any = record
    for part in name.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return None
        value = value[part]
    return value


def is_empty(value: Any) -> bool:
    """Whether a value counts as null: files have no other way to say it than an empty text."""
    return value is None or value == ""


def text_of(value: Any) -> str:
    """A value as text: JSON, but for texts, and nothing for null."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return msgspec.json.encode(value).decode()


def number_of(value: Any) -> Decimal | None:
    """A value as a number, None when it is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        value = repr(value)
    if not isinstance(value, str):
        return None
    text = value.strip()
    if len(text) > LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        return None
    return Decimal(text)


def moment_of(value: Any) -> datetime | None:
    """A value as a moment: ISO 8601 (UTC without an offset), or a number since 1970."""
    number = number_of(value)
    try:
        if number is not None:
            seconds = number / 1000 if abs(number) >= _MILLISECONDS_FROM else number
            return datetime.fromtimestamp(float(seconds), UTC)
        moment = datetime.fromisoformat(value.strip()) if isinstance(value, str) else None
    except (ValueError, OverflowError, OSError, InvalidOperation):
        return None
    if moment is None or moment.tzinfo is not None:
        return moment
    return moment.replace(tzinfo=UTC)


def plain(number: Decimal) -> int | float:
    """A number as JSON has it: whole where it is."""
    is_whole = abs(number) <= _LARGEST_WHOLE and number == number.to_integral_value()
    return int(number) if is_whole else float(number)
