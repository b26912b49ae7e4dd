"""The file of a backup: a tar that any `tar` unpacks and `pg_restore` then reads.

`manifest.json` comes first and says what it is; `database.dump` is PostgreSQL's own custom format;
`keys/…` are key files, if they were asked for; `checks.json` comes last and has the digest of each
of these, so that a cut or changed backup is noticed.
"""

import fcntl
import hashlib
import io
import os
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

import msgspec

from openprofiles.storage.errors import BackupFailed

FORMAT = "openprofiles-backup"
VERSION = 1

MANIFEST = "manifest.json"
DATABASE = "database.dump"
KEYS = PurePosixPath("keys")
CHECKS = "checks.json"

BLOCK_BYTES = 1 << 20
SMALL_BYTES = 1 << 20
"""More than a manifest, the checks or a key ever have: what is read into memory is bounded."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup says of itself."""

    format: str
    version: int
    made_at: str
    openprofiles: str
    schema: str
    postgresql: str
    rows: dict[str, int]
    """Table -> its rows, in the state that was backed up."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that has been read to its end and is as it was written."""

    path: Path
    manifest: Manifest
    keys: dict[PurePosixPath, bytes]
    """Path below the data directory -> content."""

    def database(self) -> Iterator[bytes]:
        """The dump of the database, a block at a time."""
        with tarfile.open(self.path, "r:") as tar:
            yield from _blocks(_content(tar, tar.getmember(DATABASE)))


class BackupWriter:
    """Writes the members of a backup; use as `with writing(path) as writer`."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digests: dict[str, str] = {}

    def write(self, name: str, content: bytes) -> None:
        """A member that is there already."""
        self.write_blocks(name, [content])

    def write_blocks(self, name: str, blocks: Iterable[bytes]) -> None:
        """A member whose size is known at its end: it is not stored elsewhere before."""
        member = tarfile.TarInfo(name)
        member.mode = 0o600
        start = self._file.tell()
        self._file.write(_header(member))
        digest = hashlib.sha256()
        for block in blocks:
            digest.update(block)
            member.size += self._file.write(block)
        self._file.write(bytes(-member.size % tarfile.BLOCKSIZE))
        end = self._file.tell()
        self._file.seek(start)
        self._file.write(_header(member))
        self._file.seek(end)
        self._digests[name] = digest.hexdigest()

    def write_end(self) -> None:
        """The digests; without them the backup is not whole."""
        self.write(CHECKS, msgspec.json.format(msgspec.json.encode(self._digests), indent=1))
        self._file.write(bytes(2 * tarfile.BLOCKSIZE))


@contextmanager
def writing(path: Path) -> Iterator[BackupWriter]:
    """Write a backup at `path`, for our eyes only; it is there once it is whole and on the disk.

    Raises BackupFailed when something is there already, or another backup is being written there.
    """
    if path.exists():
        raise BackupFailed(f"{path} exists already; name a new file")
    partial = path.with_name(f"{path.name}.partial")
    try:
        descriptor = os.open(partial, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise BackupFailed(f"{partial} cannot be written ({error.strerror})") from error
    with os.fdopen(descriptor, "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BackupFailed(f"Another backup is being written to {path}") from error
        try:
            # What one that was killed has left.
            file.truncate()
            yield BackupWriter(file)
            file.flush()
            os.fsync(file.fileno())
            partial.rename(path)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
    sync_folder(path.parent)


def check(path: Path) -> Backup:
    """Read all of a backup; BackupFailed when it is none, of a newer version, cut off or
    changed.
    """
    small: dict[str, bytes] = {}
    digests: dict[str, str] = {}
    try:
        with tarfile.open(path, "r:") as tar:
            for member in tar:
                digest = hashlib.sha256()
                kept = io.BytesIO()
                for block in _blocks(_content(tar, member)):
                    digest.update(block)
                    if member.name == DATABASE:
                        continue
                    kept.write(block)
                    if kept.tell() > SMALL_BYTES:
                        raise tarfile.ReadError("no member of ours but the dump is so large")
                digests[member.name] = digest.hexdigest()
                small[member.name] = kept.getvalue()
    except FileNotFoundError as error:
        raise BackupFailed(f"{path} does not exist") from error
    except (tarfile.TarError, OSError, EOFError) as error:
        raise BackupFailed(f"{path} cannot be read as a whole backup") from error
    manifest = _manifest(path, small)
    del digests[CHECKS]
    if _decode(path, small[CHECKS], dict[str, str]) != digests or DATABASE not in digests:
        raise BackupFailed(f"{path} was changed or damaged after it was written")
    names = [PurePosixPath(name) for name in digests if PurePosixPath(name).parts[0] == KEYS.name]
    if any(".." in name.parts for name in names):
        raise BackupFailed(f"{path} was not written by openprofiles")
    return Backup(path, manifest, {name.relative_to(KEYS): small[str(name)] for name in names})


def _manifest(path: Path, small: dict[str, bytes]) -> Manifest:
    if MANIFEST not in small:
        raise BackupFailed(f"{path} is not a backup of openprofiles")
    head = _decode(path, small[MANIFEST], dict[str, Any])
    if head.get("format") != FORMAT:
        raise BackupFailed(f"{path} is not a backup of openprofiles")
    if head.get("version") != VERSION:
        raise BackupFailed(
            f"{path} has version {head.get('version')} of the format of backups; this program"
            f" reads version {VERSION}"
        )
    if CHECKS not in small:
        raise BackupFailed(f"{path} is not a whole backup: its end is missing")
    manifest: Manifest = _decode(path, small[MANIFEST], Manifest)
    return manifest


def _decode(path: Path, content: bytes, kind: Any) -> Any:
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BackupFailed(f"{path} was changed or damaged after it was written") from error


def _header(member: tarfile.TarInfo) -> bytes:
    # GNU's form has sizes beyond 8 GB in the one block that we come back to.
    return member.tobuf(tarfile.GNU_FORMAT)


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    content = tar.extractfile(member)
    if content is None:
        raise tarfile.ReadError("a folder or a link, which a backup does not have")
    return content


def _blocks(content: IO[bytes]) -> Iterator[bytes]:
    while block := content.read(BLOCK_BYTES):
        yield block


def sync_folder(folder: Path) -> None:
    """Have the disk know the new name, too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
