"""A service on a database of its own, since letters of all accounts are sent, and a real queue."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from openprofiles.app import Application
from openprofiles.core.operation import Caller
from openprofiles.features import rejections
from openprofiles.features.invoke import invoker
from openprofiles.storage.embedded import EmbeddedServer
from openprofiles.storage.queues import Queues
from openprofiles.storage.sessions import holding
from tests.conftest import TurnableClock, service_on_its_own_database
from tests.own_service import database, invoke, session_client, settings

if TYPE_CHECKING:
    from types_boto3_customer_profiles import CustomerProfilesClient

__all__ = ["database", "invoke", "session_client", "settings"]


@pytest.fixture(scope="session")
def application(server: EmbeddedServer, turnable_clock: TurnableClock) -> Iterator[Application]:
    """The service on its own database."""
    with service_on_its_own_database(server, turnable_clock, "letters") as application:
        yield application


@pytest.fixture(autouse=True)
def clean(client: "CustomerProfilesClient") -> None:
    """No letter of an earlier test waits."""
    for item in client.list_domains()["Items"]:
        client.delete_domain(DomainName=item["DomainName"])


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """A server that speaks SQS."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def sqs(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client of that server."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    return boto3.client("sqs", endpoint_url=endpoint, region_name="us-east-1")


@pytest.fixture
def queue(sqs: Any, domain: str) -> str:
    """The URL of a queue for the domain's letters, as AWS writes it; not yet set."""
    sqs.create_queue(QueueName=domain)
    return f"https://sqs.us-east-1.amazonaws.com/123456789012/{domain}"


@pytest.fixture
def received(sqs: Any) -> Callable[[str], list[dict[str, Any]]]:
    """A function that takes all messages from a queue, in their order."""

    def receive(url: str) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = []
        while found := sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        ).get("Messages"):
            messages += found
            for message in found:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return messages

    return receive


@pytest.fixture
def send(
    application: Application, clock: TurnableClock, caller: Caller, endpoint: str
) -> Callable[..., rejections.Sent]:
    """A function that does what the job worker does at each tick."""

    def run(**more: Any) -> rejections.Sent:
        changed = replace(application.settings, sqs_endpoint_url=more.pop("to", endpoint))
        ask = more.pop("invoke", None) or invoker(application.database, changed, clock)
        return rejections.send_letters(
            ask,
            caller,
            Queues(changed.region, changed.sqs_endpoint_url),
            partial(holding, application.database.conninfo),
            **more,
        )

    return run
