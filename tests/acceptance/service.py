"""`openprofiles serve` in processes that a test may kill, and load that remembers every answer."""

import http.client
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import psutil
import psycopg
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from openprofiles.storage.embedded import EmbeddedServer

if TYPE_CHECKING:
    from types_boto3_customer_profiles import CustomerProfilesClient

PATIENCE_SECONDS = 60.0

OBJECT_TYPE: dict[str, Any] = {
    "ObjectTypeName": "Account",
    "Description": "An account",
    "AllowProfileCreation": True,
    "Fields": {"id": {"Source": "_source.id", "Target": "_profile.AccountNumber"}},
    "Keys": {"accountKey": [{"StandardIdentifiers": ["PROFILE", "UNIQUE"], "FieldNames": ["id"]}]},
}


def wait_until(condition: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    """Wait for something that will happen soon."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


class Service:
    """One run of the command; `start` it, then kill what you like of it."""

    def __init__(
        self, data_dir: Path, *options: str, port: int = 0, command: str = "serve"
    ) -> None:
        self.data_dir = data_dir
        self.log = data_dir.parent / f"{data_dir.name}.log"
        self._options = options
        self._command = command
        self.introduction: list[str] = []
        """What it says before it says where it answers."""
        self.port = port
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> "Service":
        """Start it and wait until it says where it answers."""
        self.spawn()
        *self.introduction, line = self._first_lines()
        assert "answers at" in line, f"{line!r}; its log: {self.log.read_text()[-2000:]}"
        self.port = int(line.rsplit(":", 1)[1])
        return self

    def spawn(self) -> "subprocess.Popen[str]":
        """Start it and do not wait."""
        program = str(Path(sys.executable).with_name("openprofiles"))
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    program,
                    *(self._command, "--port", str(self.port), "--data-dir", str(self.data_dir)),
                    *self._options,
                ],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=os.environ | {"PYTHONUNBUFFERED": "1"},
            )
        return self._process

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def parent(self) -> psutil.Process:
        """The process that a person started."""
        assert self._process is not None
        return psutil.Process(self._process.pid)

    def web_workers(self) -> list[psutil.Process]:
        """The processes that listen on the port."""
        return [child for child in self._children() if _listens(child, self.port)]

    def job_worker(self) -> psutil.Process | None:
        """The process of ours that does not listen."""
        ours = [child for child in self._children() if not _listens(child, self.port)]
        return next((child for child in ours if not _name(child).startswith("postgres")), None)

    def postmaster(self) -> psutil.Process:
        """The database's first process."""
        return psutil.Process(int(self._pid_file().read_text().split("\n", 1)[0]))

    def conninfo(self) -> str:
        """How to reach its embedded database past the service."""
        host = self._pid_file().read_text().split("\n")[4]
        return psycopg.conninfo.make_conninfo(host=host, user="openprofiles", dbname="postgres")

    def client(self, **settings: Any) -> "CustomerProfilesClient":
        """A boto3 client that reports each failure instead of trying again."""
        config = Config(
            retries={"total_max_attempts": 1}, max_pool_connections=32, read_timeout=60, **settings
        )
        client: CustomerProfilesClient = boto3.client(
            "customer-profiles",
            region_name="us-east-1",
            endpoint_url=self.url,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=config,
        )
        return client

    def reload(self) -> None:
        """Ask it to replace its web workers."""
        assert self._process is not None
        self._process.send_signal(signal.SIGHUP)

    def status(self, path: str) -> int:
        """The status of a page."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        finally:
            connection.close()

    def stop(self) -> int:
        """Ask it to stop; its exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._ended()

    def kill(self, *others: psutil.Process) -> None:
        """Kill the parent and `others`; none of our processes but the database's may be left."""
        ours = [child for child in self._children() if not _name(child).startswith("postgres")]
        for process in (self.parent, *others):
            # Some end by themselves when they see the others go.
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._ended()
        wait_until(lambda: not any(_is_alive(child) for child in ours), 10)

    def end(self) -> None:
        """Leave nothing behind, whatever happened."""
        if self._process is not None:
            if self._process.poll() is None:
                self.stop()
            self._process.kill()
            self._ended()
        if self._pid_file().exists():
            EmbeddedServer(self.data_dir).close()

    def _ended(self) -> int:
        assert self._process is not None
        code = self._process.wait(PATIENCE_SECONDS)
        if self._process.stdout is not None:
            self._process.stdout.close()
        return code

    def _children(self) -> list[psutil.Process]:
        return [child for child in self.parent.children() if _is_alive(child)]

    def _pid_file(self) -> Path:
        return self.data_dir / "postgres" / "postmaster.pid"

    def _first_lines(self) -> list[str]:
        """All it says until it says where it answers, or ends."""
        assert self._process is not None
        assert self._process.stdout is not None
        watchdog = threading.Timer(PATIENCE_SECONDS, self._process.kill)
        watchdog.start()
        try:
            lines = [self._process.stdout.readline()]
            while lines[-1] and "answers at" not in lines[-1]:
                lines.append(self._process.stdout.readline())
            return lines
        finally:
            watchdog.cancel()


@contextmanager
def running(data_dir: Path, *options: str) -> Iterator[Service]:
    """A service that is started here and leaves nothing behind."""
    service = Service(data_dir, *options)
    try:
        yield service.start()
    finally:
        service.end()


class Load:
    """Threads that put one object after the other and remember what was acknowledged."""

    def __init__(self, client: "CustomerProfilesClient", domain: str, *, threads: int = 6) -> None:
        self._client = client
        self._domain = domain
        self._over = threading.Event()
        self._numbers = iter(range(10**9))
        self._lock = threading.Lock()
        self.acknowledged: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.failed: queue.SimpleQueue[tuple[str, Exception]] = queue.SimpleQueue()
        self._threads = [threading.Thread(target=self._put) for _ in range(threads)]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, more: int) -> None:
        """Wait until so many more objects have been acknowledged."""
        goal = self.acknowledged.qsize() + more
        wait_until(lambda: self.acknowledged.qsize() >= goal)

    def _put(self) -> None:
        while not self._over.is_set():
            with self._lock:
                number = f"A{next(self._numbers)}"
            try:
                self._client.put_profile_object(
                    DomainName=self._domain,
                    ObjectTypeName=OBJECT_TYPE["ObjectTypeName"],
                    Object=json.dumps({"id": number}),
                )
            except (ClientError, BotoCoreError) as error:
                self.failed.put((number, error))
                time.sleep(0.02)
            else:
                self.acknowledged.put(number)


def make_domain(client: "CustomerProfilesClient", name: str) -> str:
    """A domain with the object type that `Load` puts."""
    client.create_domain(DomainName=name, DefaultExpirationDays=366)
    client.put_profile_object_type(DomainName=name, **OBJECT_TYPE)
    return name


def assert_nothing_is_lost(client: "CustomerProfilesClient", domain: str, load: Load) -> None:
    """Each acknowledged object is on one profile; each other one is wholly there or not at all."""
    acknowledged, failed = list(drain(load.acknowledged)), list(drain(load.failed))

    def count(number: str) -> tuple[int, int]:
        found = client.search_profiles(DomainName=domain, KeyName="accountKey", Values=[number])
        profiles = found["Items"]
        objects = [
            item
            for profile in profiles
            for item in client.list_profile_objects(
                DomainName=domain, ObjectTypeName="Account", ProfileId=profile["ProfileId"]
            )["Items"]
        ]
        return len(profiles), len(objects)

    with ThreadPoolExecutor(8) as threads:
        kept = set(threads.map(count, acknowledged))
        unsure = set(threads.map(count, [number for number, _ in failed]))
    assert acknowledged
    assert kept == {(1, 1)}
    assert unsure <= {(0, 0), (1, 1)}


def drain(values: "queue.SimpleQueue[Any]") -> Iterator[Any]:
    """All that is in a queue."""
    while not values.empty():
        yield values.get()


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _name(process: psutil.Process) -> str:
    try:
        return str(process.name())
    except psutil.NoSuchProcess:
        return ""


def _listens(process: psutil.Process, port: int) -> bool:
    try:
        connections = process.net_connections(kind="tcp")
    except psutil.NoSuchProcess:
        return False
    return any(
        connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
        for connection in connections
    )
