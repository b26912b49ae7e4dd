"""Files that gzip packed."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from openprofiles.connectors.files.record import Unreadable

MARK = b"\x1f\x8b"
"""What a packed file begins with."""


@contextmanager
def unpacked(content: BinaryIO, name: str) -> Iterator[BinaryIO]:
    """The content without its packing; Unreadable when that is broken, also while it is read."""
    try:
        with gzip.open(content) as plain:
            yield cast("BinaryIO", plain)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise Unreadable(f"{name} is broken: its compressed content cannot be read") from error
