"""The files of Bulk Lead Extract: CSV whose rows are found by their place in bytes, so that reading
goes on at any of them.
"""

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from openprofiles.connectors.connector import Malformed, SourceRecord, SourceUnavailable

PART_BYTES = 4 << 20
LONGEST_ROW = 1 << 20
"""A row that is longer has a quote too few; it ends with its line, so that the rest is read."""
EMPTY = "null"
"""What the file has for a field without a value."""


@dataclass(frozen=True, slots=True)
class FileRow:
    """A row and where the next one begins."""

    values: SourceRecord | Malformed
    end: int


def rows(
    part: Callable[[int, int], bytes], size: int, start: int, fields: Sequence[str]
) -> Iterator[FileRow]:
    """The rows of a file of `size` bytes from the byte `start` on, at 0 behind its header.

    `part` gives bytes from a place on. Raises SourceUnavailable for a header that is another.
    """
    texts, place = _texts(part, size, start), start
    if start == 0 and size > 0:
        header = next(texts)
        _check_header(header, fields)
        place = len(header)
    for text in texts:
        yield FileRow(_row(text, fields, place), place + len(text))
        place += len(text)


def _texts(part: Callable[[int, int], bytes], size: int, start: int) -> Iterator[bytes]:
    """Rows as bytes: lines, put together while a quote is open."""
    rest, place = b"", start
    while place < size:
        block = part(place, min(PART_BYTES, size - place))
        if not block:
            raise SourceUnavailable("Marketo sent a shorter file than it announced")
        place += len(block)
        *whole, rest = _split(rest + block)
        yield from whole
    if rest:
        yield rest


def _split(text: bytes) -> list[bytes]:
    """The whole rows of `text`, and last what is left of it."""
    found: list[bytes] = []
    lines: list[bytes] = []
    length, is_quoted = 0, False
    for line in text.splitlines(keepends=True):
        lines.append(line)
        length += len(line)
        is_quoted ^= line.count(b'"') % 2 == 1
        if line.endswith(b"\n") and (not is_quoted or length > LONGEST_ROW):
            found.append(b"".join(lines))
            lines, length, is_quoted = [], 0, False
    return [*found, b"".join(lines)]


def _row(text: bytes, fields: Sequence[str], place: int) -> SourceRecord | Malformed:
    where = f"byte {place}"
    try:
        values = next(csv.reader([text.decode()], strict=True))
    except (UnicodeDecodeError, csv.Error):
        return Malformed(where, "the row is no CSV in UTF-8", text.decode(errors="replace"))
    if len(values) != len(fields):
        reason = f"the row has {len(values)} values, not {len(fields)}"
        return Malformed(where, reason, text.decode())
    pairs = zip(fields, values, strict=True)
    return {field: None if value == EMPTY else value for field, value in pairs}


def _check_header(text: bytes, fields: Sequence[str]) -> None:
    if text.decode(errors="replace").strip().split(",") != list(fields):
        raise SourceUnavailable("Marketo sent a file with other columns than were asked for")
