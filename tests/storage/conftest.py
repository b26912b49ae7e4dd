"""What tests of the storage share."""

from collections.abc import Iterator

import pytest

from tests.storage.tls import Tls, tls_in_front_of


@pytest.fixture
def tls(server, tmp_path) -> Iterator[Tls]:
    """The server of this run, reached over TLS."""
    with tls_in_front_of(server.conninfo, tmp_path) as tls:
        yield tls
