"""JSON: one object a line; or an array of objects, or objects one after the other, over any number
of lines. Whether a record is an object, ingestion says."""

import io
import json
from collections.abc import Iterator
from typing import BinaryIO, cast

from openprofiles.connectors.files import json_values
from openprofiles.connectors.files.lines import MAX_LINE_BYTES, UTF_8_MARK, Lines
from openprofiles.connectors.files.record import Record, Skip, storable

HEAD_BYTES = 1 << 16
"""The beginning that tells, as far as the file's buffer has it."""

_decode = json.JSONDecoder().raw_decode


def read(content: BinaryIO, name: str, skip: Skip) -> Iterator[Record]:
    """The records after those to skip; empty lines are none. Raises Unreadable for UTF-16."""
    if _runs_over_lines(content):
        yield from json_values.read(content, name, skip)
        return
    lines = Lines(content, name)
    for line in lines:
        text = line.strip()
        if not text or skip.takes_one():
            continue
        yield _record(text, name, lines)


def _record(text: bytes, name: str, lines: Lines) -> Record:
    if lines.is_cut:
        problem = f"The record is larger than {MAX_LINE_BYTES} bytes"
        return Record(name, lines.number, storable(text), problem)
    try:
        return Record(name, lines.number, text.decode())
    except UnicodeDecodeError:
        return Record(name, lines.number, storable(text), "The record is not UTF-8")


def _runs_over_lines(content: BinaryIO) -> bool:
    """Whether the first value is an array, goes on after its line, or has another after it there.

    What is wrongly taken for such is read right, only slower.
    """
    # Every buffered reader has it, gzip's too; the type of binary files does not.
    head = cast("io.BufferedReader", content).peek(HEAD_BYTES)[:HEAD_BYTES]
    head = head.removeprefix(UTF_8_MARK).lstrip()
    if not head.startswith((b"{", b"[")):
        return False
    if head.startswith(b"["):
        return True
    line = head.partition(b"\n")[0].rstrip().decode("utf-8", "replace")
    try:
        _, end = _decode(line)
    except json.JSONDecodeError as error:
        return error.pos >= len(line)
    except RecursionError:
        return False
    return line[end:].lstrip().startswith("{")
