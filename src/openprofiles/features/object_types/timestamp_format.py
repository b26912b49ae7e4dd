"""Timestamps of source systems: `EpochMilli`, or a subset of Java's SimpleDateFormat (reference
§3.4).

As lenient as Java: numbers beyond their range roll over (the 32nd of January is the 1st of
February), `S` is a number of milliseconds whatever its digits, text after the match is ignored.
Without a zone it is UTC. More lenient than Java in one point: a zone may be written with or without
colon and minutes under `X`, `XX`, `XXX` and `Z` alike.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from openprofiles.core.errors import BadRequest
from openprofiles.features.object_types.number import normalise

Parse = Callable[[Any], datetime | None]
"""Takes a value of a document; the moment in UTC, None when it cannot be read."""

EPOCH_MILLI = "epochmilli"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_SHORT_YEAR = 2045
"""Two-digit years are those of the hundred years up to this one: Java's rule, at the time of
writing.
"""

_NUMERIC = "yMdHhkKmsS"
_TEXT = "aEzZX"
_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_ZONES = {
    "utc": 0, "gmt": 0, "ut": 0, "z": 0,
    "est": -300, "edt": -240, "cst": -360, "cdt": -300,
    "mst": -420, "mdt": -360, "pst": -480, "pdt": -420,
}  # fmt: skip
_TOKEN = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|([^A-Za-z']+)")
_OFFSET = r"[+-][0-9]{1,2}+(?::?[0-9]{2})?"


def compile_format(text: str) -> Parse:
    """The function that reads timestamps of a format; BadRequest when the format is not
    supported.
    """
    if text.lower() == EPOCH_MILLI:
        return parse_epoch_milli
    pattern, letters = _compile(text)

    def parse(value: Any) -> datetime | None:
        match = pattern.match(str(value))
        return _moment(dict(zip(letters, match.groups(), strict=True))) if match else None

    return parse


def parse_epoch_milli(value: Any) -> datetime | None:
    """The moment of a number of milliseconds since 1970, or of its text."""
    try:
        return _EPOCH + timedelta(milliseconds=int(normalise(str(value))))
    except (ValueError, OverflowError):
        return None


def _compile(text: str) -> tuple[re.Pattern[str], list[str]]:
    """One regular expression for a pattern, and the letter that each of its groups reads."""
    tokens = _tokens(text)
    expression, letters = "", []
    for position, (letter, count, literal) in enumerate(tokens):
        if not letter:
            expression += re.escape(literal)
            continue
        following = tokens[position + 1] if position + 1 < len(tokens) else ("", 0, "")
        expression += (
            rf"[ \t]*+({_expression(letter, count, _is_number(following[0], following[1]))})"
        )
        letters.append(_name_of(letter, count))
    if not letters:
        raise BadRequest(
            "SourceLastUpdatedTimestampFormat has no letter that stands for a part of time"
        )
    return re.compile(expression, re.ASCII | re.IGNORECASE), letters


def _tokens(text: str) -> list[tuple[str, int, str]]:
    """Letters with their counts, and literals: `(letter, count, "")` or `("", 0, literal)`."""
    tokens: list[tuple[str, int, str]] = []
    position = 0
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            raise BadRequest("SourceLastUpdatedTimestampFormat has a quote that is not closed")
        position = token.end()
        if token[2] is None:
            quoted = token[1]
            literal = token[3] if quoted is None else quoted.replace("''", "'") or "'"
            tokens.append(("", 0, literal))
        elif token[2] not in _NUMERIC + _TEXT:
            raise BadRequest(
                f"SourceLastUpdatedTimestampFormat has the letter {token[2]}; "
                f"those that can be read are {' '.join(_NUMERIC + _TEXT)}"
            )
        else:
            tokens.append((token[2], len(token[0]), ""))
    return tokens


def _name_of(letter: str, count: int) -> str:
    """What a group is kept under; months in words and short years are read in their own way."""
    if letter == "M" and count > 2:
        return "MMM"
    return "yy" if letter == "y" and count <= 2 else letter


def _is_number(letter: str, count: int) -> bool:
    return letter != "" and letter in _NUMERIC and not (letter == "M" and count > 2)


def _expression(letter: str, count: int, is_followed_by_number: bool) -> str:
    if _is_number(letter, count):
        # Java takes exactly the digits of the pattern where another number follows at
        # once: yyyyMMdd.
        return rf"[0-9]{{1,{count}}}+" if is_followed_by_number else "[0-9]{1,18}+"
    return {
        "M": _names(_MONTHS),
        "E": _names(_DAYS),
        "a": "am|pm",
        "z": rf"(?:gmt|utc)?{_OFFSET}|{'|'.join(_ZONES)}",
        "Z": rf"{_OFFSET}|{'|'.join(_ZONES)}",
        "X": rf"{_OFFSET}|z",
    }[letter]


def _names(names: list[str]) -> str:
    return "|".join(f"{name}|{name[:3]}" for name in names)


def _moment(found: dict[str, str]) -> datetime | None:
    """The moment that the parts of time `found` add up to, each rolling over when it is too
    large.
    """
    year, month = divmod(_year(found) * 12 + _month(found), 12)
    try:
        return datetime(year, month + 1, 1, tzinfo=UTC) + timedelta(
            days=int(found.get("d", 1)) - 1,
            hours=_hour(found),
            minutes=int(found.get("m", 0)) - _offset(found),
            seconds=int(found.get("s", 0)),
            milliseconds=int(found.get("S", 0)),
        )
    except (ValueError, OverflowError):
        return None


def _year(found: dict[str, str]) -> int:
    short = found.get("yy", "")
    if len(short) == 2:
        return _LAST_SHORT_YEAR - (_LAST_SHORT_YEAR - int(short)) % 100
    return int(found.get("y") or short or _EPOCH.year)


def _month(found: dict[str, str]) -> int:
    if "MMM" in found:
        return [month[:3] for month in _MONTHS].index(found["MMM"][:3].lower())
    return int(found.get("M", 1)) - 1


def _hour(found: dict[str, str]) -> int:
    if "H" in found:
        return int(found["H"])
    if "k" in found:
        return 0 if int(found["k"]) == 24 else int(found["k"])
    half = int(found.get("K") or found.get("h") or 0)
    afternoon = 12 if found.get("a", "").lower() == "pm" else 0
    return (0 if half == 12 and "K" not in found else half) + afternoon


def _offset(found: dict[str, str]) -> int:
    """Minutes east of Greenwich."""
    text = (found.get("z") or found.get("Z") or found.get("X") or "utc").lower()
    if text in _ZONES:
        return _ZONES[text]
    sign, digits = text.lstrip("gmtuc")[0], text.lstrip("gmtuc")[1:].replace(":", "")
    hours, minutes = (digits, "0") if len(digits) <= 2 else (digits[:-2], digits[-2:])
    return (int(hours) * 60 + int(minutes)) * (-1 if sign == "-" else 1)
