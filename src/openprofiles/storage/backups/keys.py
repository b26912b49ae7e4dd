"""Key files: what a backup may take along, and where a restore puts it."""

import os
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from openprofiles.storage import sealing
from openprofiles.storage.errors import BackupFailed

KEY_PLACES = (sealing.FILE, "encryption-keys")
"""The file, and the folder, of keys in a data directory."""


def read_keys(data_dir: Path) -> dict[PurePosixPath, bytes]:
    """The key files of a data directory, by their paths below it; raises BackupFailed."""
    places = [data_dir / name for name in KEY_PLACES]
    files = [path for place in places for path in (place, *place.rglob("*")) if path.is_file()]
    try:
        return {
            PurePosixPath(path.relative_to(data_dir).as_posix()): path.read_bytes()
            for path in files
        }
    except OSError as error:
        raise BackupFailed(f"The keys in {data_dir} cannot be read ({error.strerror})") from error


def check_keys(keys: Mapping[PurePosixPath, bytes], data_dir: Path) -> None:
    """BackupFailed when `data_dir` has other keys already."""
    for name, content in keys.items():
        path = data_dir / name
        if path.exists() and path.read_bytes() != content:
            raise BackupFailed(f"{path} is another key than that of the backup: move it away")


def write_keys(keys: Mapping[PurePosixPath, bytes], data_dir: Path) -> None:
    """Put key files where the service looks for them, for our eyes only."""
    for name, content in keys.items():
        path = data_dir / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            with os.fdopen(
                os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb"
            ) as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
