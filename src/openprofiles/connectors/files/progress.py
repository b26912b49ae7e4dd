"""Which files of a folder were read, and how far the one at hand: what a bookmark says.

Files are read in the order of their times. All up to a watermark are read; those beyond it that are
read, too, are remembered one by one, by digests. So a file that shows up later than its time says
(an upload that took long) is still read, and a bookmark stays small however many files there are.
"""

import base64
import binascii
import heapq
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

from openprofiles.connectors.connector import Bookmark, SourceRefused
from openprofiles.storage.buckets import BucketFile

MARGIN = 2 * 86_400 * 1_000_000
"""How long after its time a file may show up, in microseconds: two days, far beyond the longest
upload."""
MOST_REMEMBERED = 20_000
"""So many files are remembered one by one at most; a bookmark has 160 KB then."""
DIGEST_BYTES = 6
"""A new file is taken for one of 20,000 that were read once in 10^10 times."""

Order = tuple[int, str]
"""A file's place among the others: its time, then its key."""


class Progress:
    """How far a folder was read; made from a bookmark, and made into one."""

    def __init__(self, bookmark: Bookmark | None, *, now: int) -> None:
        self._now = now
        self._watermark: Order = (0, "")
        self._digests: set[bytes] = set()
        self._reading: tuple[str, int] | None = None
        self._remembered: list[tuple[Order, bytes]] = []
        if bookmark:
            self._read(bookmark)

    def _read(self, bookmark: Bookmark) -> None:
        try:
            time, key = bookmark["watermark"]
            packed = base64.b64decode(bookmark["files"])
            self._watermark = (int(time), str(key))
            self._digests = {
                packed[start : start + DIGEST_BYTES]
                for start in range(0, len(packed), DIGEST_BYTES)
            }
            reading = bookmark["reading"]
            if reading:
                self._reading = (str(reading["file"]), int(reading["records"]))
        except (KeyError, TypeError, ValueError, binascii.Error) as error:
            raise SourceRefused("The bookmark is not one of files") from error

    def todo(self, files: Iterable[BucketFile]) -> list[BucketFile]:
        """Those of all `files` that are still to be read, in the order to read them."""
        missing = []
        for file in files:
            if _order(file) <= self._watermark:
                continue
            digest = _digest(file)
            if digest in self._digests:
                self._remembered.append((_order(file), digest))
            else:
                missing.append(file)
        # What is no longer there need not be remembered.
        self._digests = {digest for _, digest in self._remembered}
        heapq.heapify(self._remembered)
        # The one that was begun first: there is one place only for how far a file was read.
        return sorted(missing, key=lambda file: (not self._was_begun(file), _order(file)))

    def records_done(self, file: BucketFile) -> int:
        """How many records of a file were read already."""
        return self._reading[1] if self._reading and self._was_begun(file) else 0

    def read_to(self, file: BucketFile, records: int) -> None:
        """So many records of a file are read now."""
        self._reading = (_digest(file).hex(), records)

    def finish(self, file: BucketFile) -> None:
        """A file is read to its end."""
        self._reading = None
        digest = _digest(file)
        self._digests.add(digest)
        heapq.heappush(self._remembered, (_order(file), digest))
        # A time in the future must not carry the watermark beyond files that are still to come.
        newest = min(max(file.time, self._watermark[0]), self._now)
        while self._remembered and (
            len(self._remembered) > MOST_REMEMBERED or self._remembered[0][0][0] < newest - MARGIN
        ):
            order, digest = heapq.heappop(self._remembered)
            self._watermark = max(self._watermark, order)
            self._digests.discard(digest)

    def as_bookmark(self) -> dict[str, Any]:
        """All of it, as JSON."""
        reading = None
        if self._reading:
            reading = {"file": self._reading[0], "records": self._reading[1]}
        packed = b"".join(sorted(self._digests))
        return {
            "watermark": list(self._watermark),
            "files": base64.b64encode(packed).decode(),
            "reading": reading,
        }

    def _was_begun(self, file: BucketFile) -> bool:
        return self._reading is not None and self._reading[0] == _digest(file).hex()


def _order(file: BucketFile) -> Order:
    return file.time, file.key


def _digest(file: BucketFile) -> bytes:
    identity = f"{file.key}\0{file.version}".encode()
    return blake2b(identity, digest_size=DIGEST_BYTES).digest()
