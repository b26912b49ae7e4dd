"""The archive of a domain: JSON Lines in numbered files, in a folder or a `.tar.gz`.

`manifest.json` comes first and says what it is; `domain.json` and the parts follow
(`profiles/000001.jsonl`, …); `checks.json` comes last and has the rows and the digest of each part,
so that a cut or changed archive is noticed.
"""

import gzip
import hashlib
import io
import shutil
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import msgspec

from openprofiles.connectors.files import Unreadable
from openprofiles.features.transfers.part import PARTS

FORMAT = "openprofiles-domain"
VERSION = 3
"""What is written; every version since 1 is read."""

MANIFEST = "manifest.json"
DOMAIN = "domain.json"
CHECKS = "checks.json"
SINGLE_FILES = (MANIFEST, DOMAIN, CHECKS)

FILE_BYTES = 4 << 20
"""A part goes on in the next file after this much: a writer holds no more in memory."""

MAX_FILE_BYTES = 64 << 20
"""No file that a writer of ours made is larger."""

PART_NAMES = tuple(part.name for part in PARTS)


class _Folder(Protocol):
    def write(self, name: str, content: bytes) -> None: ...


@dataclass(slots=True)
class _Check:
    rows: int = 0
    digest: Any = field(default_factory=hashlib.sha256)

    def add(self, lines: bytes) -> None:
        self.rows += lines.count(b"\n")
        self.digest.update(lines)

    def as_json(self) -> dict[str, Any]:
        return {"rows": self.rows, "sha256": self.digest.hexdigest()}


class ArchiveWriter:
    """Writes an archive in constant memory; use as `with writing(path) as writer`."""

    def __init__(self, folder: _Folder) -> None:
        self._folder = folder
        self._checks: dict[str, _Check] = {}

    def write_head(self, manifest: dict[str, Any], domain: dict[str, Any]) -> None:
        """What the archive is, and the domain's own row."""
        head = {"format": FORMAT, "version": VERSION, **manifest}
        self._folder.write(MANIFEST, _pretty(head))
        self._folder.write(DOMAIN, _pretty(domain))

    def write_part(self, name: str, lines: Iterable[str]) -> None:
        """All rows of a part, each one line of JSON."""
        check = self._checks[name] = _Check()
        waiting, size, number = [], 0, 1
        for line in lines:
            # Line ends between the members of a stored JSON text are of no meaning, and would cut
            # the line.
            encoded = line.replace("\n", " ").encode() + b"\n"
            waiting.append(encoded)
            size += len(encoded)
            if size >= FILE_BYTES:
                self._write_file(name, number, b"".join(waiting), check)
                waiting, size, number = [], 0, number + 1
        if waiting:
            self._write_file(name, number, b"".join(waiting), check)

    def write_end(self) -> None:
        """The checks; without them the archive is not whole."""
        checks = {name: check.as_json() for name, check in self._checks.items()}
        self._folder.write(CHECKS, _pretty(checks))

    def _write_file(self, name: str, number: int, content: bytes, check: _Check) -> None:
        check.add(content)
        self._folder.write(f"{name}/{number:06}.jsonl", content)


@dataclass(frozen=True, slots=True)
class Contents:
    """What an archive says about itself, once all of it has been checked."""

    manifest: dict[str, Any]
    domain: dict[str, Any]
    rows: dict[str, int]


@contextmanager
def writing(path: Path) -> Iterator[ArchiveWriter]:
    """Write an archive at `path`: a `.tar.gz` or `.tgz` file, else a folder; it is there once it is
    whole.

    Raises FileExistsError when something is there already.
    """
    if path.exists():
        raise FileExistsError(f"{path} exists already; name a new file or folder")
    partial = path.with_name(f"{path.name}.partial")
    _remove(partial)
    try:
        if is_packed(path):
            with _tar_gz(partial) as tar:
                yield ArchiveWriter(_TarFolder(tar))
        else:
            partial.mkdir(parents=True)
            yield ArchiveWriter(_PlainFolder(partial))
        partial.rename(path)
    finally:
        _remove(partial)


def _remove(partial: Path) -> None:
    """What a writer left behind that did not come to its end."""
    if partial.is_dir():
        shutil.rmtree(partial)
    else:
        partial.unlink(missing_ok=True)


def is_packed(path: Path) -> bool:
    """Whether an archive of this name is one file."""
    return path.name.endswith((".tar.gz", ".tgz"))


def is_archive(path: Path) -> bool:
    """Whether `path` looks like an archive of a domain, rather than a file of objects."""
    return is_packed(path) or (path / MANIFEST).is_file()


def check(path: Path) -> Contents:
    """Read all of an archive; raises Unreadable when it is none, of a newer version, cut off or
    changed."""
    found: dict[str, Any] = {}
    checks = {name: _Check() for name in PART_NAMES}
    for name, content in files(path):
        if name in SINGLE_FILES:
            found[name] = _decode(path, name, content)
            if name == MANIFEST:
                _require_known(path, found[MANIFEST])
        else:
            checks[part_of(path, name)].add(content)
    if any(name not in found for name in SINGLE_FILES):
        raise Unreadable(f"{path} is not a whole archive: its end is missing")
    version = found[MANIFEST]["version"]
    known = {part.name for part in PARTS if part.since <= version}
    if found[CHECKS] != {name: checks[name].as_json() for name in checks if name in known} or any(
        check.rows for name, check in checks.items() if name not in known
    ):
        raise Unreadable(f"{path} was changed or damaged after it was written")
    return Contents(
        found[MANIFEST], found[DOMAIN], {name: check.rows for name, check in checks.items()}
    )


def files(path: Path) -> Iterator[tuple[str, bytes]]:
    """The files of an archive with their names, one in memory at a time; raises Unreadable."""
    if not path.exists():
        raise Unreadable(f"{path} does not exist")
    try:
        yield from _packed_files(path) if path.is_file() else _plain_files(path)
    except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
        raise Unreadable(f"{path} cannot be read as an archive of a domain") from error


def part_of(path: Path, name: str) -> str:
    """The part that a file belongs to; raises Unreadable when there is no such part."""
    part, _, rest = name.partition("/")
    if part not in PART_NAMES or not rest:
        raise Unreadable(f"{path} holds a file that does not belong to an archive: {name}")
    return part


def _packed_files(path: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(path, "r|gz") as tar:
        for member in tar:
            content = tar.extractfile(member)
            if content is None or member.size > MAX_FILE_BYTES:
                raise Unreadable(f"{path} is not an archive of a domain")
            yield member.name, content.read()


def _plain_files(path: Path) -> Iterator[tuple[str, bytes]]:
    parts = [path / name for name in PART_NAMES]
    numbered = [file for part in parts if part.is_dir() for file in sorted(part.iterdir())]
    for file in (path / MANIFEST, path / DOMAIN, *numbered, path / CHECKS):
        if file.exists():
            yield str(file.relative_to(path)), file.read_bytes()


def _require_known(path: Path, manifest: Any) -> None:
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise Unreadable(f"{path} is not an archive of a domain")
    if manifest.get("version") not in range(1, VERSION + 1):
        raise Unreadable(
            f"{path} has version {manifest.get('version')} of the archive format; "
            f"this program reads versions 1 to {VERSION}"
        )


def _decode(path: Path, name: str, content: bytes) -> Any:
    try:
        return msgspec.json.decode(content)
    except msgspec.DecodeError as error:
        raise Unreadable(f"{path}: {name} is not valid JSON") from error


def _pretty(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"


@contextmanager
def _tar_gz(path: Path) -> Iterator[tarfile.TarFile]:
    # No time in the gzip header and none in the members, so that equal domains make equal archives.
    with (
        path.open("wb") as raw,
        gzip.GzipFile("", "wb", compresslevel=6, fileobj=raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as tar,
    ):
        yield tar


class _TarFolder:
    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar

    def write(self, name: str, content: bytes) -> None:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        self._tar.addfile(member, io.BytesIO(content))


class _PlainFolder:
    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, name: str, content: bytes) -> None:
        file = self._path / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content)
