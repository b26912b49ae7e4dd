"""Which system user the embedded server runs as: PostgreSQL refuses to run as root.

As an ordinary user: as that user. As root: as the owner of the existing data, else as the system
user `openprofiles`, made when it is missing. That user needs to get through the folders above the
data and the binaries, so root grants passage (never listing) where it is missing.
"""

import logging
import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openprofiles.storage.errors import CannotStart

NAME = "openprofiles"
FALLBACK = "nobody"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemUser:
    """The account of the server's processes."""

    uid: int
    gid: int

    @property
    def is_other(self) -> bool:
        """True when we must hand files and processes over to it."""
        return self.uid != os.geteuid()

    def process_options(self) -> dict[str, Any]:
        """What subprocess needs to start a process as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.is_other else {}

    def give(self, path: Path) -> None:
        """Make this user the owner of a file or folder."""
        if self.is_other:
            os.chown(path, self.uid, self.gid)


def server_user(cluster: Path) -> SystemUser:
    """The user of the server of `cluster`; CannotStart when we cannot start processes as it."""
    owner = cluster.stat() if cluster.exists() else None
    if os.geteuid() != 0:
        if owner is not None and owner.st_uid != os.geteuid():
            raise CannotStart(
                f"The database in {cluster} belongs to the system user {_name_of(owner.st_uid)}: "
                "start openprofiles as that user, or choose another data_dir"
            )
        return SystemUser(uid=os.geteuid(), gid=os.getegid())
    if owner is not None and owner.st_uid != 0:
        return SystemUser(uid=owner.st_uid, gid=owner.st_gid)
    account = _find(NAME) or _add() or _find(FALLBACK)
    if account is None:
        raise CannotStart(
            "PostgreSQL does not run as root and no system user could be made for it: "
            f"add a user called {NAME}, or start openprofiles as an ordinary user"
        )
    return SystemUser(uid=account.pw_uid, gid=account.pw_gid)


def grant_passage(user: SystemUser, path: Path) -> None:
    """Let `user` pass (not list) the folders above `path`."""
    if not user.is_other:
        return
    for folder in path.resolve().parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH and folder.stat().st_uid != user.uid:
            folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)
            logger.warning("Let the database's user pass through %s (chmod o+x)", folder)


def grant_reading(user: SystemUser, tree: Path, probe: Path) -> None:
    """Let `user` read and run what is in `tree`, installed under a tight umask like `probe`."""
    if not user.is_other or probe.stat().st_mode & stat.S_IXOTH:
        return
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            mode = stat.S_IMODE(path.stat().st_mode)
            path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))


def _find(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _add() -> pwd.struct_passwd | None:
    program = shutil.which("useradd") or "/usr/sbin/useradd"
    try:
        subprocess.run(  # noqa: S603 (fixed arguments)
            [program, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", NAME],
            check=True,
            capture_output=True,
        )
    except (OSError, subprocess.CalledProcessError):
        # Another process may have added it at the same moment; else there is the fallback.
        logger.debug("useradd did not add a user", exc_info=True)
    return _find(NAME)


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
