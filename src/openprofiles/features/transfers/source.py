"""The files of an import: what they are, and what identifies them when it is continued."""

import hashlib
import io
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from openprofiles.connectors.files import Format, Unreadable, of_name, unpacked

SAMPLE_BYTES = 65_536
"""The head and the tail of a file that go into its digest: a file of any size is identified in no
time."""

STDIN = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file; `path` is None for the standard input, which cannot be read twice."""

    path: Path | None
    format: Format
    is_compressed: bool = False
    size: int = 0
    label: str | None = None
    """What people call the file, when its path does not say."""

    @property
    def name(self) -> str:
        """The file's name for a person."""
        if self.label is not None:
            return self.label
        return self.path.name if self.path else "stdin"

    def identity(self) -> list[str | int]:
        """Path, size and a digest of head and tail; raises Unreadable."""
        if self.path is None:
            return [STDIN, 0, ""]
        digest = hashlib.sha256()
        with _readable(self.path), self.path.open("rb") as file:
            digest.update(file.read(SAMPLE_BYTES))
            file.seek(max(0, self.size - SAMPLE_BYTES))
            digest.update(file.read(SAMPLE_BYTES))
        return [str(self.path), self.size, digest.hexdigest()]


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A source being read: its content, unpacked, and how much of the file itself has gone by."""

    content: BinaryIO
    raw: BinaryIO

    @property
    def bytes_done(self) -> int:
        """How many bytes of the file have been read."""
        return self.raw.tell()


def find_sources(paths: Sequence[str], *, given_format: Format | None = None) -> list[Source]:
    """What `paths` name, in their order; raises Unreadable when one is missing or of no known
    format."""
    return [_find(path, given_format) for path in paths]


def _find(text: str, given_format: Format | None) -> Source:
    if text == STDIN:
        if given_format not in (None, "jsonl"):
            raise Unreadable("The standard input is read as JSON Lines only")
        return Source(path=None, format="jsonl")
    path = Path(text).absolute()
    with _readable(path):
        size = path.stat().st_size
    if not path.is_file():
        raise Unreadable(f"{text} is not a file")
    told, is_compressed = of_name(path.name)
    found = given_format or told
    if found is None:
        raise Unreadable(
            f"{text}: the format is not clear from the name; say --format csv, jsonl or parquet"
        )
    if found == "parquet" and is_compressed:
        raise Unreadable(f"{text}: Parquet compresses by itself; unpack the .gz first")
    return Source(path=path, format=found, is_compressed=is_compressed, size=size)


@contextmanager
def opened(source: Source) -> Iterator[OpenFile]:
    """The bytes of a source, unpacked; raises Unreadable when it is missing or broken, also while
    it is read."""
    if source.path is None:
        # Not sys.stdin.buffer: a thread that waits in it when the program ends would break its end.
        with io.FileIO(sys.stdin.fileno(), closefd=False) as raw_input:
            yield OpenFile(io.BufferedReader(raw_input), io.BytesIO())
        return
    with _readable(source.path), source.path.open("rb", buffering=1 << 20) as raw:
        if source.is_compressed:
            with unpacked(raw, str(source.path)) as content:
                yield OpenFile(content, raw)
        else:
            yield OpenFile(raw, raw)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise Unreadable(f"{path} does not exist") from error
    except OSError as error:
        raise Unreadable(
            f"{path} cannot be read: {error.strerror or 'input/output error'}"
        ) from error
