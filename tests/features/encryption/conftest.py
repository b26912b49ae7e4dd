"""A service on a database of its own, whose tables are looked through, and KMS on loopback."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto.core.exceptions import JsonRESTError
from moto.kms.models import KmsBackend
from moto.server import ThreadedMotoServer

from openprofiles.app import Application, client_of, wire_of
from openprofiles.core.operation import Caller, Invoke
from openprofiles.features import encryption
from openprofiles.features.invoke import invoker
from openprofiles.storage.embedded import EmbeddedServer
from tests.conftest import TurnableClock, service_on_its_own_database
from tests.features.profiles.conftest import World
from tests.own import Own
from tests.own_service import database, invoke, session_client, settings

if TYPE_CHECKING:
    from types_boto3_customer_profiles import CustomerProfilesClient

__all__ = ["database", "invoke", "session_client", "settings"]

LOCAL_KEY = "arn:aws:kms:eu-central-1:111122223333:key/one"


@pytest.fixture(scope="session")
def application(
    server: EmbeddedServer,
    turnable_clock: TurnableClock,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Application]:
    """The service on its own database, with key files of its own."""
    keys = tmp_path_factory.mktemp("keys")
    with service_on_its_own_database(
        server,
        turnable_clock,
        "encryption",
        encryption_keys=str(keys),
        resolution_threads=1,
        data_key_seconds=0,
    ) as application:
        yield application


@pytest.fixture(autouse=True)
def clean(client: "CustomerProfilesClient", invoke: Invoke, caller: Caller) -> None:
    """Nothing of an earlier test is due, or in any table."""
    for item in client.list_domains()["Items"]:
        client.delete_domain(DomainName=item["DomainName"])
    while not invoke("PurgeDeletedDomains", {}, caller)["IsDone"]:
        continue


@pytest.fixture
def every_text(database) -> Any:
    """A function that gives all rows of all tables as text."""

    def read() -> str:
        with database.reading() as transaction:
            tables = transaction.rows(
                "select table_name from information_schema.tables where table_schema = 'public'"
            )
            rows = [
                row[0]
                for (name,) in tables
                for row in transaction.rows(f'select item::text from "{name}" as item')
            ]
        return "\n".join(rows).lower()

    return read


@pytest.fixture
def sealed_domain(client: "CustomerProfilesClient", domain: str) -> str:
    """A fresh domain whose key is in a file."""
    client.update_domain(DomainName=domain, DefaultEncryptionKey=LOCAL_KEY)
    return domain


@dataclass(frozen=True)
class Kms:
    """Keys in KMS, and a service that uses them."""

    kms: Any
    client: "CustomerProfilesClient"
    invoke: Invoke
    own: Own

    def make(self) -> str:
        """A fresh key; its ARN."""
        arn: str = self.kms.create_key()["KeyMetadata"]["Arn"]
        return arn

    def disable(self, arn: str) -> None:
        """Let nobody use a key."""
        self.kms.disable_key(KeyId=arn.rpartition("/")[2])

    def enable(self, arn: str) -> None:
        """Let it be used again."""
        self.kms.enable_key(KeyId=arn.rpartition("/")[2])


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """A server that speaks KMS."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    with pytest.MonkeyPatch.context() as patch:
        _have_moto_refuse_disabled_keys(patch)
        yield from _running(server)


def _running(server: ThreadedMotoServer) -> Iterator[str]:
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def _have_moto_refuse_disabled_keys(patch: pytest.MonkeyPatch) -> None:
    """KMS does; moto only notes that a key is disabled."""
    for name in ("decrypt", "encrypt"):
        act = getattr(KmsBackend, name)

        def guarded(self: Any, *arguments: Any, act: Any = act, **named: Any) -> Any:
            for key in self.keys.values():
                blob = named.get("ciphertext_blob", b"")
                if not key.enabled and (key.id.encode() in blob or key.id in str(named)):
                    raise JsonRESTError("DisabledException", f"{key.arn} is disabled.")
            return act(self, *arguments, **named)

        patch.setattr(KmsBackend, name, guarded)


@pytest.fixture
def kms(
    endpoint: str,
    application: Application,
    turnable_clock: TurnableClock,
    domain: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Kms:
    """KMS, and a service whose domains name keys there."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    changed = replace(application.settings, kms_endpoint_url=endpoint, encryption_keys=None)
    invoke = invoker(application.database, changed, turnable_clock)
    wsgi = wire_of(invoke, changed)
    client = boto3.client("kms", endpoint_url=endpoint, region_name="us-east-1")
    return Kms(client, client_of(wsgi, changed), invoke, Own(wsgi, domain))


@pytest.fixture
def own(application: Application, domain: str) -> Own:
    """Our own operations on the domain, over the wire."""
    return Own(application.wsgi, domain)


@pytest.fixture
def world(client: "CustomerProfilesClient", domain: str) -> World:
    """A fresh domain to work in, with no key."""
    return World(client, domain)


@pytest.fixture
def work_off(invoke: Invoke, caller: Caller) -> Any:
    """A function that does what the job worker does for encryption."""
    return lambda: encryption.work_off(invoke, caller)
