"""One run at a time builds on, or leaves, what is in a folder."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_LOCK = "lock"


class FolderInUse(Exception):
    """Another run uses the folder; the text says which."""


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep other runs out of `folder`, which is made when it is not there. Raises FolderInUse."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / _LOCK).open("w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderInUse(f"Another run is using the folder {folder}") from None
        yield
