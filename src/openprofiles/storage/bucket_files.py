"""Files in buckets: what identifies them, and reading one without mixing two of its versions."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import ObjectStore

BLOCK_BYTES = 4 << 20
"""What one request fetches: enough that waiting for the first byte does not count."""


class BucketRefused(Exception):
    """A bucket cannot be written to or read; the text is a sentence for a person."""


class BucketUnavailable(Exception):
    """A bucket cannot be read at the moment; the text is a sentence for a person."""


class FileGone(Exception):
    """A file was replaced or deleted since it was listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketFile:
    """A file as it was listed; another `version` has another content.

    `time` is when it came, in microseconds. `path` is where it is when its bucket is a folder.
    """

    key: str
    size: int
    version: str
    time: int
    path: Path | None = None


def of_entry(entry: "ObjectMeta") -> BucketFile:
    """A file from what a store says about it."""
    moment = entry["last_modified"]
    time = round(moment.timestamp() * 1_000_000)
    version = entry["e_tag"] or f"{time}-{entry['size']}"
    return BucketFile(key=entry["path"], size=entry["size"], version=version, time=time)


def fetch(store: "ObjectStore", file: BucketFile, start: int, end: int) -> bytes:
    """A part of a file; FileGone when it has another version by now. Other errors are obstore's."""
    import obstore

    answer = obstore.get(store, file.key, options={"range": (start, end)})
    if of_entry(answer.meta).version != file.version:
        raise FileGone("The file was replaced")
    return bytes(answer.bytes())


def opened(file: BucketFile, fetch: Callable[[int, int], bytes]) -> BinaryIO:
    """A file of a store as a file object that fetches block by block."""
    raw = _Ranges(file.size, fetch)
    return cast("BinaryIO", io.BufferedReader(raw, BLOCK_BYTES))


class _Ranges(io.RawIOBase):
    """A file of which each read is a request."""

    def __init__(self, size: int, fetch: Callable[[int, int], bytes]) -> None:
        super().__init__()
        self._size = size
        self._fetch = fetch
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = start + offset
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what Python gives
        end = min(self._position + len(buffer), self._size)
        if self._position >= end:
            return 0
        block = self._fetch(self._position, end)
        buffer[: len(block)] = block
        self._position += len(block)
        return len(block)
