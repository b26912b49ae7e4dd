"""`openprofiles serve` as a measurement needs it: started, timed, asked, stopped."""

import http.client
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import psutil

if TYPE_CHECKING:
    from types_boto3_customer_profiles import CustomerProfilesClient

PATIENCE_SECONDS = 60.0
PROGRAM = str(Path(sys.executable).with_name("openprofiles"))


@dataclass(frozen=True, slots=True)
class Service:
    """A running service, with the settings that it has by default."""

    port: int
    process: psutil.Process
    started_in: float

    def client(self) -> "CustomerProfilesClient":
        """A boto3 client of it."""
        client: CustomerProfilesClient = boto3.client(
            "customer-profiles",
            region_name="us-east-1",
            endpoint_url=f"http://127.0.0.1:{self.port}",
            aws_access_key_id="bench",
            aws_secret_access_key="bench",  # noqa: S106 (nobody checks it)
        )
        return client

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """What an operation of our own answers; `path` begins below `/_openprofiles/v1`."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port)) as connection:
            return send(connection, method, f"/_openprofiles/v1{path}", body)

    def memory(self) -> dict[str, float]:
        """Megabytes of its processes and of the database's, what is shared counted once (PSS)."""
        ours, database = 0.0, 0.0
        for process in [self.process, *self.process.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                megabytes = process.memory_full_info().pss / 2**20
                if process.name().startswith("postgres"):
                    database += megabytes
                else:
                    ours += megabytes
        return {"service": ours, "database": database}


def send(
    connection: http.client.HTTPConnection, method: str, path: str, body: dict[str, Any] | None
) -> Any:
    """The JSON that a request is answered with; anything but 200 ends the program."""
    connection.request(method, path, None if body is None else json.dumps(body))
    response = connection.getresponse()
    said = response.read()
    if response.status != http.client.OK:
        raise SystemExit(f"{method} {path}: {response.status} {said!r}")
    return json.loads(said)


@contextmanager
def serving(data_dir: Path) -> Iterator[Service]:
    """Start the service on a free port, wait for its first answer, and stop it in the end."""
    port = _free_port()
    started = time.perf_counter()
    log_path = data_dir.parent / "serve.log"
    with log_path.open("ab") as log:
        process = subprocess.Popen(
            [PROGRAM, "serve", "--port", str(port), "--data-dir", str(data_dir)],
            stdout=log,
            stderr=log,
        )
    try:
        _wait_for_answer(port, process, log_path)
        yield Service(port, psutil.Process(process.pid), time.perf_counter() - started)
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def _wait_for_answer(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    while process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
        try:
            connection.request("GET", "/domains")
            if connection.getresponse().status == http.client.OK:
                return
        except OSError:
            # Nobody listens yet.
            time.sleep(0.01)
        finally:
            connection.close()
    raise SystemExit(f"The service ended with {process.returncode}: {log.read_text()[-2000:]}")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
