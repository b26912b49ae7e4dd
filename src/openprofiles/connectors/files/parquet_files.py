"""Parquet: each row becomes a JSON object; times as ISO 8601, decimals as numbers, bytes as
Base64."""

from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

import msgspec

from openprofiles.connectors.files.record import Record, Skip, Unreadable

ROWS_AT_ONCE = 1000
BYTES_AT_ONCE = 16 << 20
"""So much is unpacked at once, about, where rows are large."""

_encode = msgspec.json.Encoder(decimal_format="number").encode


def read(
    content: BinaryIO, name: str, skip: Skip, progress: Callable[[float], None]
) -> Iterator[Record]:
    """The records after those to skip, whole row groups unread; `progress` gets the part that is
    done.

    A record's line is its row. Raises Unreadable when the content is not Parquet or broken.
    """
    # Imported here: it takes a quarter of a second, and only Parquet needs it.
    import pyarrow.parquet

    number = 0
    try:
        with pyarrow.parquet.ParquetFile(content, buffer_size=1 << 20, pre_buffer=False) as file:
            groups, number = _groups_to_read(file.metadata, skip)
            total = max(1, file.metadata.num_rows)
            for batch in file.iter_batches(_rows_at_once(file.metadata), row_groups=groups):
                for row in _plain(batch).to_pylist(maps_as_pydicts="lossy"):
                    number += 1
                    if not skip.takes_one():
                        yield Record(name, number, _encode(row).decode())
                progress(number / total)
    except (pyarrow.ArrowException, OSError) as error:
        raise Unreadable(f"{name} cannot be read as Parquet after row {number}") from error


def _rows_at_once(metadata: Any) -> int:
    """So many rows that they fit into memory, however large they are."""
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    largest = max((group.total_byte_size // max(1, group.num_rows) for group in groups), default=0)
    return int(max(1, min(ROWS_AT_ONCE, BYTES_AT_ONCE // max(1, largest))))


def _groups_to_read(metadata: Any, skip: Skip) -> tuple[list[int], int]:
    """The row groups that are not wholly to be skipped, and how many rows are before them."""
    before = 0
    for group in range(metadata.num_row_groups):
        rows = metadata.row_group(group).num_rows
        if rows > skip.left:
            return list(range(group, metadata.num_row_groups)), before
        skip.left -= rows
        before += rows
    return [], before


def _plain(batch: Any) -> Any:
    """The batch with nanoseconds cut to microseconds, which is what a Python time holds."""
    import pyarrow.compute

    fields = [field.with_type(_without_nanoseconds(field.type)) for field in batch.schema]
    schema = pyarrow.schema(fields)
    if schema.equals(batch.schema):
        return batch
    columns = [
        column.cast(
            options=pyarrow.compute.CastOptions(target_type=field.type, allow_time_truncate=True)
        )
        for column, field in zip(batch.columns, schema, strict=True)
    ]
    return pyarrow.RecordBatch.from_arrays(columns, schema=schema)


def _without_nanoseconds(kind: Any) -> Any:
    import pyarrow

    types = pyarrow.types
    if types.is_timestamp(kind) and kind.unit == "ns":
        return pyarrow.timestamp("us", kind.tz)
    if types.is_time64(kind) and kind.unit == "ns":
        return pyarrow.time64("us")
    if types.is_duration(kind) and kind.unit == "ns":
        return pyarrow.duration("us")
    if types.is_list(kind):
        return pyarrow.list_(_without_nanoseconds(kind.value_type))
    if types.is_struct(kind):
        return pyarrow.struct(
            [field.with_type(_without_nanoseconds(field.type)) for field in kind.fields]
        )
    return kind
