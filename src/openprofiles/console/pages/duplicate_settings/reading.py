"""What people type about matching, and the blocks of a domain that it stands for; pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

Block = Mapping[str, Any]

DAYS = ("SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY")
_BETWEEN = re.compile(r"\s*[+,]\s*")


class Unreadable(Exception):
    """What was typed is nothing that the service could be asked for; the text says what."""


def lines_of(lists: Sequence[Sequence[str]]) -> str:
    """Lists of attributes as lines: `FirstName + LastName`."""
    return "\n".join(" + ".join(names) for names in lists)


def lists_in(text: str) -> list[list[str]]:
    """The lists of attributes in lines; empty lines say nothing."""
    lines = (line.strip(" \t\r+,") for line in text.splitlines())
    return [_BETWEEN.split(line) for line in lines if line]


def number_in(text: str, label: str) -> float | None:
    """A number, None where nothing is typed. Unreadable when it is none."""
    if not text.strip():
        return None
    try:
        return float(text)
    except ValueError as error:
        raise Unreadable(f"{label} is a number.") from error


def whole_in(text: str, label: str) -> int | None:
    """A whole number, None where nothing is typed. Unreadable when it is none."""
    number = number_in(text, label)
    if number is not None and not number.is_integer():
        raise Unreadable(f"{label} is a whole number.")
    return None if number is None else int(number)


def resolution_in(model: str, source: str) -> dict[str, Any]:
    """ConflictResolution as it was chosen; `source` is the object type whose values win."""
    chosen = {"ConflictResolvingModel": model}
    return chosen | ({"SourceName": source.strip()} if source.strip() else {})


def without_nothing(block: Mapping[str, Any]) -> dict[str, Any]:
    """A block without the members that were left empty."""
    return {name: value for name, value in block.items() if value not in (None, [], {})}
