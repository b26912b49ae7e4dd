"""HTTP as clients really speak it, over a socket, to a running service."""

import json
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import quote, urlsplit

import pytest

LIMIT = 6_291_456


class Wire:
    """A connection on which we write bytes and read responses."""

    def __init__(self, url: str) -> None:
        target = urlsplit(url)
        assert target.hostname is not None
        self._socket = socket.create_connection((target.hostname, target.port or 80), timeout=20)
        self._lines = self._socket.makefile("rb")

    def write(self, *lines: str, body: bytes = b"") -> None:
        """Send a request of header lines and a body."""
        head = "".join(f"{line}\r\n" for line in (*lines, "Host: localhost", ""))
        self._socket.sendall(head.encode("latin-1") + body)

    def write_raw(self, content: bytes) -> None:
        """Send bytes as they are."""
        self._socket.sendall(content)

    def read(self, *, has_body: bool = True) -> tuple[int, dict[str, str], bytes]:
        """The next response: status, headers, body."""
        status = int(self._lines.readline().split()[1])
        headers = {}
        while (line := self._lines.readline().strip()) != b"":
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        length = int(headers.get("content-length", 0)) if has_body else 0
        return status, headers, self._lines.read(length)

    def is_closed(self) -> bool:
        """Whether the server has ended the connection."""
        return self._lines.read(1) == b""

    def close(self) -> None:
        """End it."""
        self._lines.close()
        self._socket.close()


@contextmanager
def _connection(url: str) -> Iterator[Wire]:
    wire = Wire(url)
    try:
        yield wire
    finally:
        wire.close()


@pytest.fixture
def wire(service_url: str) -> Iterator[Wire]:
    with _connection(service_url) as wire:
        yield wire


@pytest.fixture
def name() -> str:
    """A name for a domain."""
    return f"domain-{uuid.uuid4().hex}"


def _create(wire: Wire, name: str) -> None:
    body = b'{"DefaultExpirationDays": 366}'
    wire.write(f"POST /domains/{name} HTTP/1.1", f"Content-Length: {len(body)}", body=body)
    assert wire.read()[0] == 200


def test_a_connection_serves_many_requests(wire, name):
    _create(wire, name)

    for _ in range(20):
        wire.write(f"GET /domains/{name} HTTP/1.1")
        status, headers, body = wire.read()

        assert status == 200
        assert headers["content-type"] == "application/json"
        assert json.loads(body)["DomainName"] == name


def test_errors_do_not_end_the_connection(wire):
    for target, expected in (("/domains/none", 404), ("/nowhere", 404), ("/domains/a%20b", 400)):
        wire.write(f"GET {target} HTTP/1.1")

        assert wire.read()[0] == expected


def test_pipelined_requests_are_answered_in_order(wire, name):
    _create(wire, name)
    targets = [f"/domains/{name}", "/domains/none", "/nowhere", f"/domains/{name}/object-types"]
    head = "".join(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n" for target in targets * 5)

    wire.write_raw(head.encode())

    assert [wire.read()[0] for _ in targets * 5] == [200, 404, 404, 200] * 5


def test_head_has_the_length_and_no_body(wire, name):
    _create(wire, name)
    wire.write(f"GET /domains/{name} HTTP/1.1")
    _, whole, _ = wire.read()

    wire.write(f"HEAD /domains/{name} HTTP/1.1")
    status, headers, _ = wire.read(has_body=False)

    assert (status, headers["content-length"]) == (200, whole["content-length"])
    wire.write(f"GET /domains/{name} HTTP/1.1")
    assert wire.read()[0] == 200


def test_options_tells_the_methods(wire):
    wire.write("OPTIONS /domains/crm HTTP/1.1")

    status, headers, _ = wire.read()

    assert (status, headers["allow"]) == (204, "DELETE, GET, HEAD, POST, PUT, OPTIONS")


def test_a_chunked_body_is_read(wire, name):
    wire.write(f"POST /domains/{name} HTTP/1.1", "Transfer-Encoding: chunked")
    wire.write_raw(b'a\r\n{"DefaultE\r\n13\r\nxpirationDays": 366\r\n1\r\n}\r\n0\r\n\r\n')

    status, _, body = wire.read()

    assert (status, json.loads(body)["DefaultExpirationDays"]) == (200, 366)


def test_a_client_may_wait_for_leave_to_send(wire, name):
    body = b'{"DefaultExpirationDays": 366}'
    wire.write(
        f"POST /domains/{name} HTTP/1.1", f"Content-Length: {len(body)}", "Expect: 100-continue"
    )

    assert wire.read(has_body=False)[0] == 100
    wire.write_raw(body)
    assert wire.read()[0] == 200


def test_a_body_up_to_the_limit_is_read(wire, name):
    body = b'{"DefaultExpirationDays": 366}'.ljust(LIMIT)

    wire.write(f"POST /domains/{name} HTTP/1.1", f"Content-Length: {LIMIT}", body=body)

    assert wire.read()[0] == 200


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_the_limit_is_refused_and_the_service_goes_on(service_url, name, chunked):
    target = urlsplit(service_url)
    connection = HTTPConnection(str(target.hostname), target.port, timeout=20)
    body = b'{"DefaultExpirationDays": 366}'.ljust(LIMIT + 1)

    connection.request("POST", f"/domains/{name}", iter([body]) if chunked else body)
    response: HTTPResponse = connection.getresponse()

    assert response.status == 400
    assert json.loads(response.read()) == {"Message": f"The body is larger than {LIMIT} bytes"}
    connection.close()
    with _connection(service_url) as other:
        other.write(f"GET /domains/{name} HTTP/1.1")
        assert other.read()[0] == 404


def test_labels_are_percent_decoded_once(wire, name):
    _create(wire, name)
    arn = f"arn:aws:profile:us-east-1:000000000000:domains/{name}"
    body = b'{"tags": {"team": "crm"}}'
    target = f"/tags/{quote(arn, safe='')}"
    wire.write(f"POST {target} HTTP/1.1", f"Content-Length: {len(body)}", body=body)
    assert wire.read()[0] == 200

    wire.write(f"GET {target} HTTP/1.1")

    assert json.loads(wire.read()[2]) == {"tags": {"team": "crm"}}
    for encoded in ("a%2520b", "a%3Fb", "a%00b", "%C3%BC", "%FF", "a%25", "a%"):
        wire.write(f"GET /domains/{encoded} HTTP/1.1")
        assert wire.read()[0] == 400, encoded


def test_a_client_of_http_1_0_is_answered(wire):
    wire.write("GET /domains/none HTTP/1.0")

    assert wire.read()[0] == 404
    assert wire.is_closed()


@pytest.mark.parametrize(
    "content",
    [
        b"\x00\x01\x02\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /domains/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: many\r\n\r\n",
        b"POST /domains/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"x" * 1_000_000 + b"\r\n\r\n",
        b"GET /" + b"x" * 1_000_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"POST /domains/x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
    ids=["bytes", "no target", "version", "length", "negative", "header", "target", "chunk"],
)
def test_what_is_no_http_ends_its_connection_only(service_url, content):
    with _connection(service_url) as wire:
        try:
            wire.write_raw(content)
            answer = wire._lines.readline()
        except ConnectionError:
            answer = b""

    assert answer == b"" or 400 <= int(answer.split()[1]) < 500
    with _connection(service_url) as other:
        other.write("GET /domains HTTP/1.1")
        assert other.read()[0] == 200


def test_a_client_that_leaves_in_the_middle_harms_nobody(service_url, name):
    for _ in range(20):
        with _connection(service_url) as wire:
            wire.write(f"POST /domains/{name} HTTP/1.1", "Content-Length: 1000", body=b"{")

    with _connection(service_url) as wire:
        wire.write(f"GET /domains/{name} HTTP/1.1")
        assert wire.read()[0] == 404
