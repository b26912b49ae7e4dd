"""The folder where the processes of a running service keep their numbers for `/metrics`."""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX = "openprofiles-metrics-"
VARIABLE = "PROMETHEUS_MULTIPROC_DIR"

BEGUN_SECONDS = 60.0
"""How old a folder must be to be stale: a younger one may not have been locked yet."""


@contextmanager
def numbers_folder() -> Iterator[Path]:
    """A fresh folder, told to our processes by `VARIABLE`; those that killed services left go."""
    parent = Path(tempfile.gettempdir())
    remove_stale(parent)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    # Held by us and by all processes that we fork: free when the last of them is gone.
    lock = os.open(folder, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_SH)
    os.environ[VARIABLE] = str(folder)
    try:
        yield folder
    finally:
        del os.environ[VARIABLE]
        os.close(lock)
        shutil.rmtree(folder, ignore_errors=True)


def remove_stale(parent: Path) -> None:
    """Remove folders of services that are gone."""
    for folder in parent.glob(f"{PREFIX}*"):
        try:
            lock = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW)
        except OSError:
            # Somebody else's.
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if time.time() - os.fstat(lock).st_mtime > BEGUN_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)
        except BlockingIOError:
            # In use.
            continue
        finally:
            os.close(lock)
