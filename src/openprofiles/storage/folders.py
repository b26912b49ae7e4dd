"""Buckets that are folders: which files they have, and when each of them came.

Not through obstore, whose times are those that a file brings with it: one that is copied or moved
in with an old time would look as if it had always been there. The time of the inode's change is set
by the system.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from openprofiles.storage.bucket_files import BucketFile, BucketRefused, FileGone


def is_name(text: str) -> bool:
    """Whether `text` can name a file or folder and is no path to somewhere else."""
    return text not in ("", ".", "..") and not any(sign in text for sign in "/\\\0")


def files(folder: Path, prefix: str, *, bucket: str) -> Iterator[BucketFile]:
    """All files below a prefix; links are not followed, for they may lead out of the folder."""
    parts = [part for part in prefix.split("/") if part]
    if not all(is_name(part) for part in parts):
        raise BucketRefused(f"Bucket {bucket}: a prefix has no '..' in it")

    def refuse(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            raise BucketRefused(f"Bucket {bucket} has a folder that cannot be read") from error

    top = folder
    for part in parts:
        top /= part
        if os.path.islink(top):  # noqa: PTH114 - Path.is_symlink raises for names that are too long
            raise BucketRefused(f"Bucket {bucket}: a prefix leads over a link")
    for place, below, names in os.walk(top, onerror=refuse):
        below.sort()
        for name in sorted(names):
            file = _listed(folder, Path(place) / name)
            if file is not None:
                yield file


def folders(folder: Path) -> list[str]:
    """The folders right below."""
    with os.scandir(folder) as entries:
        return sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))


def open_file(file: BucketFile, *, bucket: str) -> BinaryIO:
    """The content of a file that was listed; FileGone when it is another by now."""
    assert file.path is not None  # noqa: S101 - files of folders have one
    try:
        content = file.path.open("rb", buffering=1 << 20)
    except FileNotFoundError as error:
        raise FileGone("The file is no longer there") from error
    except OSError as error:
        raise BucketRefused(f"Bucket {bucket}: {file.key} cannot be read") from error
    if _version(os.fstat(content.fileno())) != file.version:
        content.close()
        raise FileGone("The file was replaced")
    return content


def _listed(folder: Path, path: Path) -> BucketFile | None:
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    # A name need not be UTF-8; the key is for people and for JSON.
    key = os.fsencode(path.relative_to(folder).as_posix()).decode("utf-8", "backslashreplace")
    return BucketFile(
        key=key,
        size=status.st_size,
        version=_version(status),
        time=status.st_ctime_ns // 1000,
        path=path,
    )


def _version(status: os.stat_result) -> str:
    return f"{status.st_ino:x}-{status.st_mtime_ns:x}-{status.st_size:x}"
