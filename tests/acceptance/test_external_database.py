"""A PostgreSQL server of one's own by `--database-url`, from the oldest supported version on."""

import os
import shutil
import socket
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from openprofiles.storage.postmaster import binary
from openprofiles.storage.system_user import SystemUser, grant_passage, server_user
from tests.acceptance.service import (
    Load,
    Service,
    assert_nothing_is_lost,
    drain,
    make_domain,
    wait_until,
)

INSTALLED = sorted(Path("/usr/lib/postgresql").glob("1[5-8]/bin"))


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


@pytest.fixture(params=["wheel", *(path.parent.name for path in INSTALLED)])
def external(request, tmp_path) -> Iterator[ExternalServer]:
    """A running server: the wheel's, and each version that this machine has installed."""
    names = {path.parent.name: path for path in INSTALLED}
    server = ExternalServer(names.get(request.param) or wheel(), tmp_path)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(server.folder)


def test_the_service_runs_on_it_and_lives_through_its_absence(external, tmp_path):
    service = Service(tmp_path / "data", "--database-url", external.url).start()
    try:
        client = service.client()
        domain = make_domain(client, f"external-{uuid.uuid4().hex}")

        with Load(client, domain, threads=3) as load:
            load.wait_for(50)
            external.stop()
            # Longer than a caller waits for a connection: callers are told.
            wait_until(lambda: load.failed.qsize() >= 3)
            external.start()
            load.wait_for(50)

        codes = {error_code(error) for _, error in drain_again(load)}
        assert codes == {"InternalServerException"}
        assert_nothing_is_lost(client, domain, load)
        assert not (tmp_path / "data").exists()
    finally:
        service.end()


def test_health_tells_the_absence_of_the_database(tmp_path):
    external = ExternalServer(wheel(), tmp_path)
    external.start()
    service = Service(tmp_path / "data", "--database-url", external.url).start()
    try:
        external.stop()
        assert service.status("/_openprofiles/v1/health/live") == 200
        assert service.status("/_openprofiles/v1/health/ready") == 503

        external.start()

        wait_until(lambda: service.status("/_openprofiles/v1/health/ready") == 200, 20)
    finally:
        service.end()
        external.stop()


def drain_again(load: Load) -> list[tuple[str, Exception]]:
    failed = list(drain(load.failed))
    for failure in failed:
        load.failed.put(failure)
    return failed


def error_code(error: Exception) -> str:
    assert isinstance(error, ClientError), error
    return error.response["Error"]["Code"]
