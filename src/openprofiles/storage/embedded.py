"""The embedded PostgreSQL server of a data directory, shared by all processes that use it.

Whoever uses a data directory holds a shared lock on `users.lock` in it. The system releases it when
the process ends, however it ends, so there is nothing to clean up after a kill -9. Starting and
stopping happen under `start.lock`: the first to come starts the server, or adopts one that its last
user left behind; the last to leave, who gets `users.lock` for itself, stops it.
"""

import fcntl
import logging
import os
import threading
import time
from pathlib import Path
from types import TracebackType

import psycopg

from openprofiles.storage.errors import CannotStart
from openprofiles.storage.postmaster import PORT, Postmaster
from openprofiles.storage.system_user import grant_passage, server_user

WATCH_SECONDS = 0.25
RETRY_SECONDS = 1.0

logger = logging.getLogger(__name__)


class EmbeddedServer:
    """A running server as this process sees it; `close` ends only our use of it."""

    def __init__(self, data_dir: Path, *, patience: int = 10) -> None:
        """Use the server of `data_dir`, started if needed; CannotStart says what to do.

        One that is already there has `patience` seconds to answer.
        """
        self._patience = patience
        self.data_dir = data_dir.expanduser().absolute()
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
            self.data_dir = self.data_dir.resolve()
            self._users = _open_lock(self.data_dir / "users.lock")
        except OSError as error:
            raise CannotStart(
                f"The data directory {self.data_dir} cannot be written ({error.strerror}): "
                "give this user the right to, or choose another with data_dir"
            ) from error
        try:
            cluster = self.data_dir / "postgres"
            user = server_user(cluster)
            self._postmaster = Postmaster(cluster, self.data_dir / "postgres.log", user)
            grant_passage(user, cluster)
            with _Starting(self.data_dir):
                fcntl.flock(self._users, fcntl.LOCK_SH)
                self._ensure_running()
        except OSError as error:
            os.close(self._users)
            raise CannotStart(
                f"The database in {self.data_dir} cannot be started ({error.strerror or error})"
            ) from error
        except BaseException:
            os.close(self._users)
            raise
        self._next_try = 0.0
        self._closing = threading.Event()
        self._watcher: threading.Thread | None = None

    @property
    def conninfo(self) -> str:
        """How to connect; stays the same when the server is restarted."""
        return psycopg.conninfo.make_conninfo(
            host=str(self._postmaster.socket_folder),
            port=PORT,
            user="openprofiles",
            dbname="postgres",
        )

    @property
    def pid(self) -> int | None:
        """The postmaster's process, None when it is not running."""
        found = self._postmaster.find()
        return found.pid if found else None

    def ensure_running(self) -> None:
        """Start the server again if it is gone; CannotStart when that fails."""
        if self.pid is None:
            with _Starting(self.data_dir):
                self._ensure_running()

    def tend(self) -> None:
        """Start the server again if it is gone and nobody else does; called again and again.

        Logs when it fails.
        """
        if self.pid is not None or time.monotonic() < self._next_try:
            return
        try:
            with _Starting(self.data_dir, waits=False):
                logger.error("The database process is gone: starting it again")
                self._ensure_running()
        except BlockingIOError:
            # Somebody else is at it.
            return
        except (CannotStart, OSError):
            logger.exception("The database cannot be started again yet")
            self._next_try = time.monotonic() + RETRY_SECONDS

    def keep_running(self) -> None:
        """From now on start the server again whenever it dies, from a thread of this process."""
        self._watcher = threading.Thread(target=self._watch, name="database watch", daemon=True)
        self._watcher.start()

    def close(self) -> None:
        """End our use of the server, and the server when nobody else uses it; once."""
        if self._closing.is_set():
            return
        self._closing.set()
        if self._watcher is not None:
            self._watcher.join()
        with _Starting(self.data_dir):
            if _is_last(self._users):
                self._postmaster.stop()
            self._postmaster.leave_running()
            fcntl.flock(self._users, fcntl.LOCK_UN)
            os.close(self._users)

    def __enter__(self) -> "EmbeddedServer":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _ensure_running(self) -> None:
        if self._postmaster.find() is not None and self._adopt():
            return
        self._postmaster.ensure_cluster()
        self._postmaster.start()

    def _adopt(self) -> bool:
        """Use the server that is already there; False when it was beyond use and has been ended."""
        try:
            psycopg.connect(self.conninfo, connect_timeout=self._patience).close()
        except psycopg.OperationalError as error:
            found = self._postmaster.find()
            if found is None:
                return False
            if not _is_last(self._users):
                raise CannotStart(
                    f"The database process {found.pid} of {self.data_dir} does not answer, and "
                    "others use it: "
                    "stop them and start again"
                ) from error
            fcntl.flock(self._users, fcntl.LOCK_SH)
            logger.warning("The database process %s does not answer: starting it again", found.pid)
            self._postmaster.kill()
            return False
        return True

    def _watch(self) -> None:
        while not self._closing.wait(WATCH_SECONDS):
            self.tend()


class _Starting:
    """Alone among the processes of a data directory while the server starts or stops.

    BlockingIOError when another is, and we do not wait for it.
    """

    def __init__(self, data_dir: Path, *, waits: bool = True) -> None:
        self._path = data_dir / "start.lock"
        self._how = fcntl.LOCK_EX if waits else fcntl.LOCK_EX | fcntl.LOCK_NB

    def __enter__(self) -> None:
        self._lock = _open_lock(self._path)
        try:
            fcntl.flock(self._lock, self._how)
        except BlockingIOError:
            os.close(self._lock)
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # Not left to closing: a process forked meanwhile would hold the lock on.
        fcntl.flock(self._lock, fcntl.LOCK_UN)
        os.close(self._lock)


def _open_lock(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def _is_last(lock: int) -> bool:
    """Whether nobody else holds the shared lock; it is then ours alone."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
