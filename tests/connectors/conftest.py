"""What tests of connectors share: AWS's services on loopback, behind a gate that can be shut."""

from collections.abc import Iterator

import pytest
from moto.server import ThreadedMotoServer

from tests.connectors.gate import Gate

KEYS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
"""For clients of the server."""


@pytest.fixture(scope="session")
def aws() -> Iterator[str]:
    """The address of a server that speaks S3 and Kinesis."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def gate(aws) -> Iterator[Gate]:
    """A gate before that server."""
    gate = Gate(aws)
    yield gate
    gate.close()
