"""The records of one file, whatever its format, as a pull gives them."""

from collections.abc import Iterator
from contextlib import ExitStack
from io import BufferedReader
from typing import Any, BinaryIO, NamedTuple, cast

import msgspec

from openprofiles.connectors.connector import Malformed, SourceRecord
from openprofiles.connectors.files import csv_files, formats, json_lines, packing, parquet_files
from openprofiles.connectors.files.formats import Format
from openprofiles.connectors.files.record import Record, Skip, Unreadable, storable

_decode = msgspec.json.decode


class Item(NamedTuple):
    """A record and about how many bytes it takes."""

    record: SourceRecord | Malformed
    size: int


def items(
    content: BinaryIO, key: str, *, format: Format | None, delimiter: str | None, skip: int
) -> Iterator[Item]:
    """The records after the first `skip`. What is wrong with the file as a whole is one more
    Malformed, the last."""
    try:
        with ExitStack() as opened:
            if _head(content).startswith(packing.MARK):
                content = opened.enter_context(packing.unpacked(content, key))
            found = format or formats.of_name(key)[0] or formats.of_head(_head(content))
            if found == "csv":
                yield from _rows(content, key, delimiter, Skip(skip))
            elif found == "parquet":
                records = parquet_files.read(content, key, Skip(skip), lambda _: None)
                yield from map(_item, records)
            else:
                yield from map(_item, json_lines.read(content, key, Skip(skip)))
    except Unreadable as error:
        yield Item(Malformed(key, str(error), ""), 0)


def _rows(content: BinaryIO, key: str, delimiter: str | None, skip: Skip) -> Iterator[Item]:
    for line, cells, problem in csv_files.rows(content, key, skip, delimiter=delimiter):
        if isinstance(cells, dict):
            yield Item(cells, sum(map(len, cells.values())))
        else:
            yield _item(csv_files.as_record(key, line, cells, problem))


def _item(record: Record) -> Item:
    """A document as values; what is no object has its reason."""
    problem, value = record.problem, None
    if problem is None:
        try:
            value = _decode(record.document)
        except (msgspec.DecodeError, RecursionError):
            problem = "The record is not JSON"
        else:
            if not isinstance(value, dict):
                problem = "The record is not a JSON object"
    size = len(record.document)
    if problem is not None:
        text = storable(record.document.encode())
        return Item(Malformed(record.place, problem, text), size)
    return Item(cast("dict[str, Any]", value), size)


def _head(content: BinaryIO) -> bytes:
    return cast("BufferedReader", content).peek(formats.HEAD_BYTES)
