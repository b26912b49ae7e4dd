"""JSON Lines: one JSON object a line; whether it is one, ingestion says."""

from collections.abc import Iterator

from openprofiles.features.transfers.lines import MAX_LINE_BYTES, Lines
from openprofiles.features.transfers.record import Record, Skip, Unreadable, storable
from openprofiles.features.transfers.source import OpenFile


def read(file: OpenFile, name: str, skip: Skip) -> Iterator[Record]:
    """The records after those to skip; empty lines are none. Raises Unreadable."""
    lines = Lines(file.content, name)
    for line in lines:
        text = line.strip()
        if lines.number == 1 and text == b"[":
            raise Unreadable(f"{name} holds one JSON array; write one object a line instead")
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
