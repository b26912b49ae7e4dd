"""PostgreSQL's own programs: pg_dump, and pg_restore into psql.

Those of the embedded server are of the newest version that we support, and so speak to the older
ones, too. But they are built without TLS: over TLS those that are installed have to do it.
"""

import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import IO

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from openprofiles.storage.backups.backup_file import BLOCK_BYTES
from openprofiles.storage.errors import BackupFailed
from openprofiles.storage.postmaster import binary
from openprofiles.storage.system_user import SystemUser

COMPRESSION = "4"
"""Of gzip, as all versions understand it: less work than 6, for a few per cent of size."""

HEAD_LINES = 60
"""The script of a restore sets up its session in these."""

NEWER_SETTING = b"SET transaction_timeout = 0;\n"
"""The only line that servers before 17 do not understand."""


def dump(conninfo: str, snapshot: str, *, over_tls: bool) -> Iterator[bytes]:
    """The database in pg_dump's custom format, as `snapshot` sees it; raises BackupFailed."""
    target, environment = _access(conninfo)
    program = _find("pg_dump", over_tls=over_tls)
    arguments = [
        program,
        *("--format=custom", f"--compress={COMPRESSION}", f"--snapshot={snapshot}"),
        *("--no-owner", "--no-privileges", "--no-password", f"--dbname={target}"),
    ]
    with tempfile.TemporaryFile() as said, _run(arguments, environment, said) as run:
        if run.stdout is None:
            raise AssertionError("It is a pipe")
        while block := run.stdout.read(BLOCK_BYTES):
            yield block
        _require_success(run, "pg_dump", said)


def restore(conninfo: str, blocks: Iterable[bytes], *, over_tls: bool) -> None:
    """Make what a dump holds, in one transaction; raises BackupFailed."""
    target, environment = _access(conninfo)
    # It only reads the dump, which may be newer than the programs that are installed.
    reading = [_find("pg_restore", over_tls=False), "--file=-", "--no-owner", "--no-privileges"]
    writing = [
        _find("psql", over_tls=over_tls),
        *("--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1"),
        # Without the details, which quote values of customers.
        *("--set=VERBOSITY=terse", "--output=/dev/null", f"--dbname={target}"),
    ]
    with (
        tempfile.TemporaryFile() as reader_said,
        tempfile.TemporaryFile() as writer_said,
        _run(writing, environment, writer_said) as writer,
        _run(reading, environment, reader_said) as reader,
    ):
        feeder = threading.Thread(target=_feed, args=(reader.stdin, blocks))
        feeder.start()
        try:
            # When psql ends early it says why; that it no longer reads says nothing.
            with suppress(BrokenPipeError):
                _pass_on(reader, writer, reader_said)
        finally:
            reader.kill()
            feeder.join()
        _require_success(writer, "psql", writer_said)


def _pass_on(
    reader: subprocess.Popen[bytes], writer: subprocess.Popen[bytes], said: IO[bytes]
) -> None:
    """Run the script of `reader`; it is committed only when `reader` came to its end."""
    if reader.stdout is None or writer.stdin is None:
        raise AssertionError("Both are pipes")
    with writer.stdin as script:
        script.write(b"begin;\n")
        for line in islice(reader.stdout, HEAD_LINES):
            if line != NEWER_SETTING:
                script.write(line)
        shutil.copyfileobj(reader.stdout, script, BLOCK_BYTES)
        _require_success(reader, "pg_restore", said)
        script.write(b"commit;\n")


def _feed(pipe: IO[bytes], blocks: Iterable[bytes]) -> None:
    # A program that ends early says why itself.
    with suppress(BrokenPipeError), pipe:
        for block in blocks:
            pipe.write(block)


def _find(name: str, *, over_tls: bool) -> str:
    if not over_tls:
        return binary(name, SystemUser(uid=os.geteuid(), gid=os.getegid()))
    installed = shutil.which(name)
    if installed is None:
        raise BackupFailed(
            f"The connection to the database uses TLS, and there is no {name} that speaks it:"
            " install PostgreSQL's client programs of the server's version, or back up with the"
            " server's own means"
        )
    return installed


def _run(
    arguments: list[str], environment: dict[str, str], said: IO[bytes]
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 (programs of PostgreSQL)
        arguments,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=said,
        env=environment,
    )


def _require_success(run: subprocess.Popen[bytes], name: str, said: IO[bytes]) -> None:
    if run.wait() != 0:
        said.seek(0)
        lines = said.read().decode(errors="replace").splitlines()
        reason = next((line for line in lines if "error" in line.lower()), "it was ended")
        raise BackupFailed(f"{name} failed: {reason}")


def _access(conninfo: str) -> tuple[str, dict[str, str]]:
    """How a program connects, its password where the list of processes does not show it."""
    options = conninfo_to_dict(conninfo)
    password = options.pop("password", None)
    environment = os.environ | {"LC_ALL": "C"}
    if password is not None:
        environment["PGPASSWORD"] = str(password)
    return make_conninfo("", **options), environment
