"""Lines of a file of any size, none of them longer in memory than a limit."""

from collections.abc import Iterator
from typing import BinaryIO

from openprofiles.connectors.files.record import Unreadable

MAX_LINE_BYTES = 1 << 20
"""Far beyond the largest object (250 KB), so that no line that could be one is cut."""

UTF_16 = (b"\xff\xfe", b"\xfe\xff")
UTF_8_MARK = b"\xef\xbb\xbf"


class Lines:
    """The lines of `content` with their ends, as bytes; `number` counts those given out.

    A longer line is given out cut off, its rest is skipped, and `is_cut` is set until the next
    line.
    """

    def __init__(self, content: BinaryIO, name: str) -> None:
        self._content = content
        self._name = name
        self.number = 0
        self.is_cut = False

    def __iter__(self) -> Iterator[bytes]:
        """Raises Unreadable when the content is UTF-16."""
        readline = self._content.readline
        while line := readline(MAX_LINE_BYTES):
            if self.number == 0:
                line = self._without_mark(line)
            self.number += 1
            self.is_cut = len(line) == MAX_LINE_BYTES and not line.endswith(b"\n")
            if self.is_cut:
                self._skip_rest()
            yield line

    def _skip_rest(self) -> None:
        while (rest := self._content.readline(MAX_LINE_BYTES)) and not rest.endswith(b"\n"):
            pass

    def _without_mark(self, line: bytes) -> bytes:
        if line.startswith(UTF_16):
            raise Unreadable(f"{self._name} is UTF-16; convert it to UTF-8 first")
        return line.removeprefix(UTF_8_MARK)
