"""A gate before a server on loopback, which lets requests through or fails them as a test wants."""

import http.client
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Fault:
    """The answer to all requests instead of the server's."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class Gate:
    """The gate's own address is `url`; `requests` counts what was let through."""

    def __init__(self, target: str) -> None:
        self.target = target.removeprefix("http://")
        self.fault: Fault | None = None
        self.faults_once: list[tuple[str, Fault]] = []
        """Operations (the end of `X-Amz-Target`) with the answer to the next request for them."""
        self.requests = 0
        self.last_headers: dict[str, str] = {}
        """Those of the last request, failed or let through, by names in lower case."""
        self.more_headers: dict[str, str] = {}
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        ).start()

    def fail_once(self, operation: str, fault: Fault) -> None:
        """Answer so to the next request for an operation, or to the one after those before."""
        self.faults_once.append((operation, fault))

    def take_fault(self, operation: str) -> Fault | None:
        """The next fault of an operation."""
        for each in self.faults_once:
            if each[0] == operation:
                self.faults_once.remove(each)
                return each[1]
        return None

    def close(self) -> None:
        """End the gate, not what is behind it."""
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """Clients go away; that is what tests make them do."""


def _handler(gate: Gate) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body in one packet: two would wait for each other.
        wbufsize = -1

        def do_GET(self) -> None:
            gate.last_headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            target = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
            fault = gate.fault or gate.take_fault(target)
            if fault is not None:
                self.answer(fault.status, fault.headers, fault.body)
                return
            gate.requests += 1
            headers = {**self.headers, **gate.more_headers}
            server = http.client.HTTPConnection(gate.target, timeout=30)
            server.request(self.command, self.path, body=body, headers=headers)
            answer = server.getresponse()
            self.answer(answer.status, dict(answer.getheaders()), answer.read())
            server.close()

        do_POST = do_PUT = do_DELETE = do_HEAD = do_GET  # noqa: N815 - the library's names

        def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response_only(status)
            for name, value in headers.items():
                if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
