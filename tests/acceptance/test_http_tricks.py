"""Bytes that try to be taken for other requests than they are: one answer at most, no 5xx."""

import socket
from contextlib import suppress
from urllib.parse import urlsplit

import pytest

GET = b"GET /domains HTTP/1.1\r\nHost: localhost\r\n"
POST = b"POST /domains/x HTTP/1.1\r\nHost: localhost\r\n"
HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n"
TRICKS = {
    "two lengths": POST + b"Content-Length: 0\r\nContent-Length: 34\r\n\r\n" + HIDDEN,
    "length and chunks": POST
    + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n",
    "chunks twice": POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n",
    "chunks in disguise": POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "a space before the colon": GET + b"Content-Length : 5\r\n\r\nhello",
    "a folded header": GET + b"X-Folded: a\r\n b\r\n\r\n",
    "a header without a name": GET + b": x\r\n\r\n",
    "NUL in a header": GET + b"X-Nul: a\0b\r\n\r\n",
    "a bare line feed": GET.replace(b"\r\n", b"\n") + b"X: y\n\n",
    "a plus in the length": POST + b"Content-Length: +5\r\n\r\nhello",
    "a length beyond numbers": POST + b"Content-Length: " + b"9" * 40 + b"\r\n\r\n",
    "a huge chunk": POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 16 + b"\r\nx",
    "a thousand headers": GET + b"".join(b"X-%d: y\r\n" % n for n in range(1000)) + b"\r\n",
    "two hosts": GET + b"Host: y\r\n\r\n",
    "an upgrade": GET + b"Connection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n",
    "a whole address": b"GET http://elsewhere/domains HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "another protocol": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a tunnel": b"CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a greeting of TLS": b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03",
}


LAST = b"GET /domains HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
SILENCE_SECONDS = 2
"""After which a server is taken to wait for the rest of what it takes for a body."""


def answers_to(url: str, content: bytes) -> list[bytes]:
    """The status lines that come back until the server ends the connection, or waits for more."""
    target = urlsplit(url)
    address = (str(target.hostname), target.port or 80)
    said = b""
    with (
        socket.create_connection(address, timeout=SILENCE_SECONDS) as link,
        suppress(ConnectionError, TimeoutError),
    ):
        link.sendall(content)
        while block := link.recv(65536):
            said += block
    return [line for line in said.split(b"\r\n") if line.startswith(b"HTTP/")]


@pytest.mark.parametrize("content", TRICKS.values(), ids=TRICKS.keys())
def test_a_trick_gets_one_answer_at_most(service_url, content):
    answers = answers_to(service_url, content + LAST)

    # The trick's own, and that of the last request if the server took it for one.
    assert len(answers) <= 2, answers
    assert not any(line.split()[1].startswith(b"5") for line in answers), answers
    assert answers_to(service_url, LAST) == [b"HTTP/1.1 200 OK"]


def test_two_lengths_hide_no_request(service_url):
    [answer] = answers_to(service_url, TRICKS["two lengths"] + LAST)

    assert answer.split()[1] == b"400"
