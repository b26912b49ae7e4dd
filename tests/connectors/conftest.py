"""What tests of connectors share: AWS's services on loopback, behind a gate that can be shut."""

import os
from collections.abc import Iterator

import pytest
from moto.server import ThreadedMotoServer

from tests.connectors.gate import Gate


@pytest.fixture(scope="session")
def aws() -> Iterator[str]:
    """The address of a server that speaks S3 and Kinesis."""
    names = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(names)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()
    for name, value in before.items():
        os.environ.pop(name) if value is None else os.environ.update({name: value})


@pytest.fixture
def gate(aws) -> Iterator[Gate]:
    """A gate before that server."""
    gate = Gate(aws)
    yield gate
    gate.close()
