"""JSON values one after the other, wherever their lines end: an array of objects, or what Firehose
writes, objects without anything between them."""

import codecs
import json
import re
from collections.abc import Iterator
from typing import BinaryIO

from openprofiles.connectors.files.lines import MAX_LINE_BYTES
from openprofiles.connectors.files.record import Record, Skip, storable

BLOCK_BYTES = 1 << 18
LOOK_BACK = 128
"""So much of a value's line before it is kept, to know its column."""

_BETWEEN = re.compile(r"[\s,\[\]]*")
"""Between the values: the brackets and commas of an array, or nothing."""
_BEFORE = re.compile(r"[ \t,\[]*")
_FOREIGN = re.compile("[\udc80-\udcff]")
_decode = json.JSONDecoder().raw_decode


def read(content: BinaryIO, name: str, skip: Skip) -> Iterator[Record]:
    """The records after those to skip; a record's line is the one it begins at."""
    for record in _Values(content, name):
        if not skip.takes_one():
            yield record


class _Values:
    """A window on the text of a file, at the position where the next value begins."""

    def __init__(self, content: BinaryIO, name: str) -> None:
        self._content = content
        self._name = name
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._text = ""
        self._position = 0
        self._line = 1
        self._is_whole = False
        """Whether the text goes to the end of the file."""

    def __iter__(self) -> Iterator[Record]:
        self._fill()
        self._go_to(len(self._text) - len(self._text.removeprefix("\ufeff")))
        while self._goes_to_value():
            end = self._end_of_value()
            if end is None:
                yield self._take_malformed()
            else:
                yield self._record(self._position, end)
                self._go_to(end)

    def _goes_to_value(self) -> bool:
        while True:
            between = _BETWEEN.match(self._text, self._position)
            self._go_to(between.end() if between else self._position)
            if self._position < len(self._text):
                return True
            if self._is_whole:
                return False
            self._fill()

    def _end_of_value(self) -> int | None:
        """Where the value at hand ends; None when it is none or too large to be a record."""
        while True:
            try:
                end = _decode(self._text, self._position)[1]
            except json.JSONDecodeError:
                end = None
            except RecursionError:
                return None
            # A number may go on in the next block.
            if end is not None and (end < len(self._text) or self._is_whole):
                return end
            if self._is_whole or len(self._text) - self._position > MAX_LINE_BYTES:
                return None
            self._fill()

    def _record(self, start: int, end: int) -> Record:
        text = self._text[start:end]
        if end - start > MAX_LINE_BYTES:
            problem = f"The record is larger than {MAX_LINE_BYTES} bytes"
            return Record(self._name, self._line, storable(_bytes(text[:MAX_LINE_BYTES])), problem)
        if not text.isascii() and _FOREIGN.search(text):
            problem = "The record is not UTF-8"
            return Record(self._name, self._line, storable(_bytes(text)), problem)
        return Record(self._name, self._line, text)

    def _take_malformed(self) -> Record:
        """What is here, up to a line on which an object begins in the same column: deeper ones may
        be parts of a value that cannot be read."""
        pattern = re.compile(rf"\n[ \t,\[]{{{self._column()}}}\{{")
        line, taken, found = self._line, "", None
        problem = "The record is not JSON"
        if len(self._text) - self._position > MAX_LINE_BYTES:
            problem = f"The record is not JSON, or larger than {MAX_LINE_BYTES} bytes"
        while not found:
            found = pattern.search(self._text, self._position)
            end = found.end() - 1 if found else len(self._text)
            if not found and not self._is_whole:
                # What is looked for may begin in this block and end in the next.
                end = max(self._position, end - LOOK_BACK)
            taken += self._text[self._position : min(end, self._position + MAX_LINE_BYTES)]
            taken = taken[:MAX_LINE_BYTES]
            self._go_to(end)
            if self._is_whole:
                break
            if not found:
                self._fill()
        return Record(self._name, line, storable(_bytes(taken.rstrip(" \t\r\n,"))), problem)

    def _column(self) -> int:
        start = self._text.rfind("\n", 0, self._position) + 1
        before = _BEFORE.fullmatch(self._text, start, self._position)
        column = self._position - start
        return column if before and column < LOOK_BACK - 1 else 0

    def _go_to(self, position: int) -> None:
        self._line += self._text.count("\n", self._position, position)
        self._position = position

    def _fill(self) -> None:
        """Drop what was read, and read as much as is left, so that a long value is not looked at
        too often."""
        start = max(self._text.rfind("\n", 0, self._position) + 1, self._position - LOOK_BACK, 0)
        kept = self._text[start:]
        self._position -= start
        block = self._content.read(max(BLOCK_BYTES, len(kept)))
        self._is_whole = not block
        self._text = kept + self._decoder.decode(block, final=self._is_whole)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
