"""Samples of what a source sends, as people paste them: JSON, JSON Lines, or CSV with a header."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

MOST_RECORDS = 5
"""As many as DetectProfileObjectType looks at."""
LONGEST_VALUE = 131_072
"""Characters of a value in CSV."""
DELIMITERS = ",;\t|"


class NotASample(Exception):
    """A text that holds no object; the exception's text says why, for whoever pasted it."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The first objects of a text, each as JSON, and what the text is written in."""

    form: str
    records: tuple[str, ...]


def read_sample(text: str) -> Sample:
    """The sample in a text; NotASample when there is none."""
    stripped = text.removeprefix("\ufeff").strip()
    if not stripped:
        raise NotASample("Paste an object, or choose a file.")
    if stripped[0] not in "{[":
        return Sample("CSV", _csv(stripped))
    try:
        found = _load(stripped)
    except ValueError as error:
        return Sample("JSON Lines", _lines(stripped, error))
    return Sample("JSON", _texts(found if isinstance(found, list) else [found]))


def _load(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _lines(text: str, whole: ValueError) -> tuple[str, ...]:
    """Objects, one in each line; the last line may be cut off, where more were there. `whole` says
    why the text is not one JSON value.
    """
    if not isinstance(whole, json.JSONDecodeError) or whole.msg != "Extra data":
        raise NotASample(_said(whole)) from whole
    lines = [line for line in text.splitlines() if line.strip()]
    found = []
    for number, line in enumerate(lines[:MOST_RECORDS], 1):
        try:
            found.append(_load(line))
        except ValueError as error:
            if found and number == len(lines):
                break
            raise NotASample(_said(error, number)) from error
    return _texts(found)


def _said(error: ValueError, line: int | None = None) -> str:
    """What is wrong with JSON, without quoting it."""
    if not isinstance(error, json.JSONDecodeError):
        return f"This is no JSON: {error}."
    place = f"line {line or error.lineno}, column {error.colno}"
    return f"This is no JSON: {error.msg}, in {place}."


def _texts(found: Sequence[Any]) -> tuple[str, ...]:
    objects = found[:MOST_RECORDS]
    if not objects or not all(isinstance(item, dict) for item in objects):
        raise NotASample("A sample is an object with members, or several of them.")
    return tuple(json.dumps(item, ensure_ascii=False) for item in objects)


def _csv(text: str) -> tuple[str, ...]:
    header = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=header.count)
    rows = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        names = [name.strip() for name in next(rows)]
        found = [row for row, _ in zip(filter(None, rows), range(MOST_RECORDS), strict=False)]
    except csv.Error as error:
        raise NotASample(f"This is no CSV: {error}.") from error
    # The limit of the csv module is one for the whole process, and readers of files raise it.
    if any(len(value) > LONGEST_VALUE for row in (names, *found) for value in row):
        raise NotASample("This is no CSV: a value is longer than 131,072 characters.")
    if len(set(names)) < len(names) or not all(names):
        raise NotASample("The first line of CSV names each column once.")
    if not found:
        raise NotASample("The first line of CSV names the columns; objects follow, one in a line.")
    return tuple(
        json.dumps(dict(zip(names, row, strict=False)), ensure_ascii=False) for row in found
    )
