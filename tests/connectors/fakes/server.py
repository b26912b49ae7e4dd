"""A vendor's server on loopback: real HTTP in threads, with faults that tests order beforehand."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Request:
    """What came in."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def bearer(self) -> str | None:
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token if scheme == "Bearer" else None


@dataclass(frozen=True)
class Answer:
    """What goes out: JSON, or bytes as they are; `cut` ends the line in the middle of the body."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False

    @property
    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


Fault = Callable[[Request], Answer | None]
"""Answers a request instead of the vendor, or lets it pass with None."""


class FakeVendor:
    """Serves what `answer` says until it is closed; faults come first, each for one request."""

    def __init__(self) -> None:
        self.now = datetime(2026, 6, 1, 12, tzinfo=UTC)
        self.requests: list[Request] = []
        self.faults: list[Fault] = []
        self.outage: Answer | None = None
        self.mangle: Callable[[Request, Answer], Answer] | None = None
        self._lock = Lock()
        vendor = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                vendor._serve(self)

            do_POST = do_GET  # noqa: N815 - the name that http.server calls

            def date_time_string(self, timestamp: float | None = None) -> str:  # noqa: ARG002
                return format_datetime(vendor.now, usegmt=True)

            def log_message(self, format: str, *args: Any) -> None:
                """Tests look at `requests` instead."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, request: Request) -> Answer:
        raise NotImplementedError

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self):
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def fail(self, answer: Answer, *, on: str = "", times: int = 1) -> None:
        """The next `times` requests whose path contains `on` get `answer`."""
        self.faults += [lambda request: answer if on in request.path else None] * times

    def asked(self, part: str) -> list[Request]:
        """The requests so far whose path contains `part`."""
        return [request for request in self.requests if part in request.path]

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        request = Request(
            method=handler.command,
            path=parts.path,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in handler.headers.items()},
            body=handler.rfile.read(int(handler.headers.get("Content-Length", 0))),
        )
        with self._lock:
            self.requests.append(request)
            answer = self._fault(request) or self.answer(request)
            if self.mangle is not None:
                answer = self.mangle(request, answer)
        handler.send_response(answer.status)
        content = answer.content
        headers = {"Content-Type": "application/json", **answer.headers}
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        if answer.cut:
            handler.wfile.write(content[: len(content) // 2])
            handler.close_connection = True
        else:
            handler.wfile.write(content)

    def _fault(self, request: Request) -> Answer | None:
        if self.outage is not None:
            return self.outage
        for place, fault in enumerate(self.faults):
            answer = fault(request)
            if answer is not None:
                del self.faults[place]
                return answer
        return None
