"""Which format a file has: its name says so, or its first bytes."""

from pathlib import PurePosixPath
from typing import Literal

Format = Literal["csv", "jsonl", "parquet"]

FORMATS: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".parquet": "parquet",
}
"""File endings, before a `.gz`, to formats."""

HEAD_BYTES = 512


def of_name(name: str) -> tuple[Format | None, bool]:
    """The format that a name tells, if any, and whether it says that the file is packed."""
    suffixes = [suffix.lower() for suffix in PurePosixPath(name).suffixes]
    is_compressed = bool(suffixes) and suffixes[-1] == ".gz"
    ending = suffixes[:-1] if is_compressed else suffixes
    return FORMATS.get(ending[-1] if ending else ""), is_compressed


def of_head(head: bytes) -> Format:
    """The format that the first bytes of an unpacked file tell; what is nothing else is CSV."""
    if head.startswith(b"PAR1"):
        return "parquet"
    return "jsonl" if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[") else "csv"
