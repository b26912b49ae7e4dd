"""One record of a file: a document for ingestion, or a problem that kept it from being one."""

from typing import NamedTuple


class Record(NamedTuple):
    """`document` is JSON text; when `problem` is given, it is what the file holds, as text that can
    be stored."""

    file: str
    line: int
    document: str
    problem: str | None = None

    @property
    def place(self) -> str:
        """Where the record is, for a person: file and line, and no value of it."""
        return f"{self.file}:{self.line}"


class Unreadable(Exception):
    """A file cannot be read on; the text is a sentence for a person."""


class Skip:
    """How many records are still to be skipped, over all files: those that an earlier run has
    done."""

    def __init__(self, left: int) -> None:
        self.left = left

    def takes_one(self) -> bool:
        """Whether the record at hand is to be skipped; it then is."""
        if not self.left:
            return False
        self.left -= 1
        return True


def storable(content: bytes) -> str:
    """Any bytes as text that the database can hold: what is not UTF-8, and NUL, become escapes."""
    return content.decode("utf-8", "backslashreplace").replace("\0", "\\x00")
