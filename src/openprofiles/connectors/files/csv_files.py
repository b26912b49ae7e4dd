"""CSV: the first line names the columns; each row becomes a JSON object of texts."""

import csv
from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from openprofiles.connectors.files.lines import MAX_LINE_BYTES, Lines
from openprofiles.connectors.files.record import Record, Skip, Unreadable, storable

DELIMITERS = ",;\t|"
"""Those that are found out from the header: the one that splits it most."""

_encode = msgspec.json.encode


class _Texts:
    """The lines of a file as text for the csv module, and what was wrong with those of the current
    row."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.is_cut = False
        self.is_utf_8 = True

    def __iter__(self) -> Iterator[str]:
        for line in self.lines:
            self.is_cut |= self.lines.is_cut
            try:
                text = line.decode()
            except UnicodeDecodeError:
                self.is_utf_8 = False
                text = line.decode("utf-8", "backslashreplace")
            yield text

    def take_problem(self) -> str | None:
        """What was wrong with the lines since the last call."""
        problem = None
        if self.is_cut:
            problem = f"The record is larger than {MAX_LINE_BYTES} bytes"
        elif not self.is_utf_8:
            problem = "The record is not UTF-8"
        self.is_cut, self.is_utf_8 = False, True
        return problem


Row = tuple[int, dict[str, str] | list[str], str | None]
"""The line at which a row begins; its cells by the names of their columns, or, when there is a
problem, as far as they could be read; and the problem."""


def rows(
    content: BinaryIO, name: str, skip: Skip, *, delimiter: str | None = None
) -> Iterator[Row]:
    """The rows after those to skip; empty lines are none. Raises Unreadable for a header that is
    none.
    """
    csv.field_size_limit(MAX_LINE_BYTES)
    texts = _Texts(Lines(content, name))
    header_line = next(iter(texts), "")
    delimiter = delimiter or max(DELIMITERS, key=header_line.count)
    header = _header(header_line, delimiter, name, texts)
    for line, row, problem in _rows(texts, delimiter, len(header)):
        if skip.takes_one():
            continue
        if problem is None:
            yield line, dict(zip(header, row, strict=True)), None
        else:
            yield line, row, problem


def read(
    content: BinaryIO, name: str, skip: Skip, *, delimiter: str | None = None
) -> Iterator[Record]:
    """The rows as documents. Raises Unreadable for a header that is none."""
    for line, cells, problem in rows(content, name, skip, delimiter=delimiter):
        yield as_record(name, line, cells, problem)


def as_record(
    name: str, line: int, cells: dict[str, str] | list[str], problem: str | None
) -> Record:
    """A row as a document of JSON."""
    encoded = _encode(cells)
    return Record(name, line, encoded.decode() if problem is None else storable(encoded), problem)


def _rows(texts: _Texts, delimiter: str, width: int) -> Iterator[tuple[int, list[str], str | None]]:
    """Rows with the line they begin at and what is wrong with them."""
    reader = csv.reader(texts, delimiter=delimiter)
    row: list[str] | None = []
    while row is not None:
        line = texts.lines.number + 1
        try:
            row = next(reader, None)
        except csv.Error:
            texts.take_problem()
            yield line, [], "The row is not CSV"
            continue
        if row:
            problem = texts.take_problem()
            if problem is None and len(row) != width:
                problem = f"The row has {len(row)} columns, the header has {width}"
            yield line, row, problem


def _header(text: str, delimiter: str, name: str, texts: _Texts) -> list[str]:
    problem = texts.take_problem()
    if problem or not text.strip():
        raise Unreadable(f"{name}: the first line must name the columns, in UTF-8")
    try:
        [header] = csv.reader([text], delimiter=delimiter)
    except (csv.Error, ValueError) as error:
        raise Unreadable(f"{name}: the first line cannot be read as CSV") from error
    header = [column.strip() for column in header]
    if not all(header):
        raise Unreadable(f"{name}: column {header.index('') + 1} has no name in the first line")
    twice = [column for column, count in Counter(header).items() if count > 1]
    if twice:
        raise Unreadable(f"{name}: the first line names the column {twice[0]} twice")
    return header
