"""What tests share: an embedded server per run, a service per test process, a domain per test."""

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import hypothesis
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from openprofiles.app import Application, client_of, open_application, wire_of
from openprofiles.core.clock import system_clock
from openprofiles.core.operation import Caller, Invoke
from openprofiles.core.settings import Settings
from openprofiles.features.invoke import invoker
from openprofiles.storage.database import Database
from openprofiles.storage.embedded import EmbeddedServer
from openprofiles.storage.migrating import migrate
from tests.untraced import untraced

if TYPE_CHECKING:
    from types_boto3_customer_profiles import CustomerProfilesClient

RUN_FOLDER = "OPENPROFILES_TEST_RUN"
"""The variable with the folder of this run; processes that pytest-xdist starts inherit it."""


KEY = "arn:aws:kms:eu-central-1:111122223333:key/of-all-domains"
"""What sealed domains of tests name; its file is made when it is first used."""


hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")
# How long an example takes says how busy the machine is.


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a whole run be of domains with a key."""
    parser.addoption(
        "--sealed", action="store_true", help="give each domain that a test makes an encryption key"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run tests twice that are marked so."""
    is_marked = metafunc.definition.get_closest_marker
    is_twice = is_marked("sealed_too") and not is_marked("clear_only")
    if is_twice and not metafunc.config.option.sealed:
        metafunc.parametrize("kept", ["clear", "sealed"], indirect=True)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out what is about domains in the clear, where all have a key."""
    mark = item.get_closest_marker("clear_only")
    if mark is not None and item.config.option.sealed:
        pytest.skip(mark.kwargs["reason"])


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Make the folder of the run, in the process that started it, and keep all else there too.

    Not in pytest's own folder, which each run closes to others, also to the system user of another
    run's databases.
    """
    if hasattr(config, "workerinput"):
        return
    folder = tempfile.mkdtemp(prefix="openprofiles-tests-")
    os.environ[RUN_FOLDER] = folder
    if config.option.basetemp is None:
        config.option.basetemp = str(Path(folder) / "tmp")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server, should a test process have died without doing so, and remove the folder."""
    folder = os.environ.get(RUN_FOLDER)
    if hasattr(config, "workerinput") or folder is None:
        return
    shared = Path(folder) / "shared"
    if (shared / "postgres" / "postmaster.pid").exists():
        EmbeddedServer(shared).close()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def keys_of_domains(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """What CreateDomain is given in addition by every boto3 client of this process."""
    given = {"DefaultEncryptionKey": KEY} if request.config.option.sealed else {}

    def add(params: dict[str, Any], **_: Any) -> dict[str, Any]:
        return given | params

    boto3.setup_default_session()
    boto3.DEFAULT_SESSION.events.register(
        "provide-client-params.customer-profiles.CreateDomain", add
    )
    yield given
    boto3.setup_default_session()


@pytest.fixture(autouse=True)
def kept(request: pytest.FixtureRequest, keys_of_domains: dict[str, str]) -> Iterator[None]:
    """How domains that a test makes are kept: `clear` or `sealed`."""
    how = getattr(request, "param", None)
    if how == "sealed":
        keys_of_domains["DefaultEncryptionKey"] = KEY
    yield
    if how == "sealed":
        del keys_of_domains["DefaultEncryptionKey"]


@pytest.fixture(scope="module")
def untraced_processes() -> Iterator[None]:
    """Processes that the tests of a module start are not followed for coverage."""
    with untraced():
        yield


@dataclass
class TurnableClock:
    """The real time, plus what a test has turned it by."""

    turned: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return system_clock() + self.turned

    def turn(self, **by: float) -> None:
        """Turn the clock on (or back): `clock.turn(days=30)`."""
        self.turned += timedelta(**by)


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    """The embedded server of this run; the last test process to leave stops it."""
    with EmbeddedServer(Path(os.environ[RUN_FOLDER]) / "shared") as server:
        with psycopg.connect(server.conninfo, autocommit=True) as connection:
            # Speed, for data nobody will miss; tests of durability start servers of their own.
            connection.execute("alter system set fsync = off")
            connection.execute("alter system set synchronous_commit = off")
            connection.execute("select pg_reload_conf()")
        yield server


@pytest.fixture(scope="session")
def made_data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory whose database has been made, migrated and stopped."""
    folder = tmp_path_factory.mktemp("made")
    with EmbeddedServer(folder) as server:
        migrate(server.conninfo)
    return folder


@pytest.fixture
def data_dir(made_data_dir: Path, tmp_path: Path) -> Path:
    """A data directory of one's own, whose database need not be made first."""
    subprocess.run(["cp", "-a", str(made_data_dir), str(tmp_path / "data")], check=True)
    return tmp_path / "data"


@pytest.fixture(scope="session")
def turnable_clock() -> TurnableClock:
    """The one clock of this process's service; tests use `clock`."""
    return TurnableClock()


@pytest.fixture(scope="session")
def application(server: EmbeddedServer, turnable_clock: TurnableClock) -> Iterator[Application]:
    """The service of this test process, in an account of its own."""
    settings = Settings(
        data_dir=server.data_dir,
        account_id=f"{uuid.uuid4().int % 10**12:012d}",
        domains_per_account=1_000_000,
    )
    application = open_application(settings, turnable_clock)
    yield application
    application.close()


@contextmanager
def service_on_its_own_database(
    server: EmbeddedServer, clock: TurnableClock, name: str, **settings: Any
) -> Iterator[Application]:
    """A service for tests of work that goes through the domains of all accounts.

    Whoever overrides `application` with it overrides the session's fixtures that follow from
    `application`, too: each is made once for a process, whatever folder a test is in.
    """
    database = f"{name}_{uuid.uuid4().hex}"
    with psycopg.connect(server.conninfo, autocommit=True) as connection:
        connection.execute(f"create database {database}")
    url = make_conninfo(server.conninfo, dbname=database)
    application = open_application(Settings(database_url=url, **settings), clock)
    yield application
    application.close()


@pytest.fixture(scope="session")
def session_client(application: Application) -> "CustomerProfilesClient":
    """One client per process, since making one takes long; tests use `client`."""
    return client_of(application.wsgi, application.settings)


@pytest.fixture
def client(session_client: "CustomerProfilesClient") -> "CustomerProfilesClient":
    """A real boto3 client, answered in process, on the real database."""
    return session_client


@pytest.fixture
def clock(turnable_clock: TurnableClock) -> Iterator[TurnableClock]:
    """The service's clock; it is right again after the test."""
    turnable_clock.turned = timedelta()
    yield turnable_clock
    turnable_clock.turned = timedelta()


@pytest.fixture(scope="session")
def settings(application: Application) -> Settings:
    """The settings of the service under test."""
    return application.settings


@pytest.fixture(scope="session")
def database(application: Application) -> Database:
    """The database of the service under test."""
    return application.database


@pytest.fixture(scope="session")
def invoke(application: Application) -> Invoke:
    """The one way in, below the wire."""
    return application.invoke


@pytest.fixture
def caller(settings: Settings) -> Caller:
    """Who calls, for tests that invoke operations below the wire."""
    return Caller(
        account_id=settings.account_id,
        region=settings.region,
        principal="test",
        request_id=str(uuid.uuid4()),
    )


@pytest.fixture
def domain(client: "CustomerProfilesClient") -> str:
    """The name of a fresh domain."""
    name = f"domain-{uuid.uuid4().hex}"
    client.create_domain(DomainName=name, DefaultExpirationDays=366)
    return name


@pytest.fixture
def client_with(
    application: Application, turnable_clock: TurnableClock
) -> "Callable[..., CustomerProfilesClient]":
    """Make a client of a service with other settings: `client_with(account_id=…)`."""

    def make(**changes: Any) -> "CustomerProfilesClient":
        changed = replace(application.settings, **changes)
        invoke = invoker(application.database, changed, turnable_clock)
        return client_of(wire_of(invoke, changed), changed)

    return make
