"""A PostgreSQL server that somebody else runs, of any version that is installed."""

import os
import socket
import subprocess
from pathlib import Path

from openprofiles.storage.postmaster import binary
from openprofiles.storage.system_user import SystemUser, grant_passage, server_user


class ExternalServer:
    """A server that somebody else runs: the programs in `programs` on `folder`."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self.port = 5432
        self._user: SystemUser = server_user(folder / "cluster")
        self.folder = folder / "cluster"
        self.folder.mkdir(mode=0o700)
        self._user.give(self.folder)
        self._run("initdb", "-D", str(self.folder), "-U", "owner", "-A", "trust", "-E", "UTF8")

    @property
    def url(self) -> str:
        return f"postgresql://owner@/postgres?host={self.folder}"

    def tls_url(self, certificate: Path) -> str:
        return (
            f"postgresql://owner@localhost:{self.port}/postgres?hostaddr=127.0.0.1"
            f"&sslmode=verify-full&sslrootcert={certificate}"
        )

    def give(self, *files: Path) -> None:
        for file in files:
            self._user.give(file)

    def start(self, tls: str = "") -> None:
        """Start it on a socket; with options for TLS on a free port of the loopback, too."""
        options = f"-c listen_addresses= -k {self.folder}"
        if tls:
            with socket.create_server(("127.0.0.1", 0)) as free:
                self.port = free.getsockname()[1]
            options = f"-c listen_addresses=127.0.0.1 -p {self.port} -k {self.folder} {tls}"
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", str(self.folder), "-w", "-l", log, "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self.folder), "-w", "-m", "immediate", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        grant_passage(self._user, self.folder)
        # pg_ctl hands its output on to the server: a pipe would never end.
        subprocess.run(
            [str(self._programs / program), *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
            **self._user.process_options(),
        )


def wheel() -> Path:
    return Path(binary("postgres", SystemUser(uid=os.geteuid(), gid=os.getegid()))).parent
