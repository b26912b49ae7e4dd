"""A small HTTP server on loopback that answers what a test tells it to, and remembers what it was
asked."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from openprofiles.connectors.web import Limits


@dataclass
class Asked:
    """A request as it came."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes


@dataclass
class Reply:
    """An answer; `cut` promises more bytes than it sends."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False


@dataclass
class Site:
    """The server's address, its answers in their order (the last one stays) and its requests."""

    url: str = ""
    replies: list[Reply] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    routes: dict[str, Callable[[Asked], Reply]] = field(default_factory=dict)
    connections: int = 0

    def answer(self, asked: Asked) -> Reply:
        """What the test wants as the answer."""
        self.asked.append(asked)
        if asked.path in self.routes:
            return self.routes[asked.path](asked)
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


@pytest.fixture
def make_site() -> Iterator[Callable[[], Site]]:
    """Servers, as many as a test wants."""
    servers = []

    def make() -> Site:
        site = Site(replies=[Reply()])
        server = _Server(("127.0.0.1", 0), _handler(site))
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        site.url = f"http://127.0.0.1:{server.server_address[1]}"
        servers.append(server)
        return site

    yield make
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def site(make_site) -> Site:
    """One server."""
    return make_site()


@pytest.fixture
def slept() -> list[float]:
    """How long sessions with `limits` waited."""
    return []


@pytest.fixture
def limits(slept) -> Limits:
    """Limits that wait without waiting."""
    return Limits(waits=(0.1, 0.2), longest_wait=30, read_seconds=2, sleep=slept.append)


class _Server(ThreadingHTTPServer):
    """Says nothing about clients that go away: that is what tests make them do."""

    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body in one packet: two would wait for each other.
        wbufsize = -1

        def setup(self) -> None:
            super().setup()
            site.connections += 1

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, parts.path, parse_qs(parts.query), headers, body)
            reply = site.answer(asked)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body) + 100 * reply.cut))
            self.end_headers()
            self.wfile.write(reply.body)
            self.close_connection |= reply.cut

        do_POST = do_GET  # noqa: N815 - the library's name

        def log_message(self, *_: object) -> None:
            pass

    return Handler
