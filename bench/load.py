"""A load generator that costs little: requests made beforehand, plain sockets, one thread.

Runs in a process of its own: `python -m bench.load ORDER`, the order and the answer being JSON.
Each connection sends its next request when it has the answer to the last one. A request that is
not answered with 200 ends the run.
"""

import itertools
import json
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field

import msgspec

from bench.requests import KINDS, Request

MADE_PER_SECOND = 8000
"""Requests made before the clock starts; should more be needed, they are made on the way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to send: `kind` of requests, to which domain, over how many connections, how long."""

    kind: str
    port: int
    domain: str
    known: int
    seed: int
    connections: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was measured; latencies in milliseconds, `processor` is the generator's own share of
    one core.
    """

    rate: float
    p50: float
    p95: float
    p99: float
    processor: float


def run(order: Order) -> Outcome:
    """Send the load from another process and wait for its end."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.load", json.dumps(asdict(order))],
        check=True,
        stdout=subprocess.PIPE,
    )
    return msgspec.json.decode(done.stdout, type=Outcome)


def main() -> None:
    """Carry out the order in the first argument."""
    order = msgspec.json.decode(sys.argv[1].encode(), type=Order)
    print(msgspec.json.encode(_Load(order).run()).decode())


@dataclass(slots=True)
class _Connection:
    socket: socket.socket
    sent: float = 0.0
    received: bytes = b""


@dataclass(slots=True)
class _Load:
    order: Order
    latencies: list[float] = field(default_factory=list)

    def run(self) -> Outcome:
        order = self.order
        made = (
            _as_bytes(request)
            for request in KINDS[order.kind](order.domain, known=order.known, seed=order.seed)
        )
        ready = list(itertools.islice(made, int(order.seconds * MADE_PER_SECOND)))
        requests = itertools.chain(ready, made)
        connections = [_connect(order.port) for _ in range(order.connections)]
        started, processor = time.perf_counter(), time.process_time()
        self._exchange(connections, requests, until=started + order.seconds)
        seconds, processor = time.perf_counter() - started, time.process_time() - processor
        self.latencies.sort()
        return Outcome(
            rate=len(self.latencies) / seconds,
            p50=self._percentile(50),
            p95=self._percentile(95),
            p99=self._percentile(99),
            processor=processor / seconds,
        )

    def _exchange(
        self, connections: list[_Connection], requests: Iterator[bytes], *, until: float
    ) -> None:
        watch = select.epoll()
        by_number = {connection.socket.fileno(): connection for connection in connections}
        for number, connection in by_number.items():
            watch.register(number, select.EPOLLIN)
            _send(connection, next(requests))
        waiting = len(connections)
        while waiting:
            for number, _ in watch.poll():
                connection = by_number[number]
                if not _receive(connection):
                    continue
                now = time.perf_counter()
                self.latencies.append(now - connection.sent)
                if now < until:
                    _send(connection, next(requests))
                else:
                    waiting -= 1

    def _percentile(self, percent: int) -> float:
        return self.latencies[len(self.latencies) * percent // 100] * 1000


def _as_bytes(request: Request) -> bytes:
    head = [f"{request.method} {request.path} HTTP/1.1", "Host: 127.0.0.1:8787"]
    head += [f"{name}: {value}" for name, value in request.headers]
    head += [f"Content-Length: {len(request.body)}", "", ""]
    return "\r\n".join(head).encode() + request.body


def _connect(port: int) -> _Connection:
    opened = socket.create_connection(("127.0.0.1", port))
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return _Connection(opened)


def _send(connection: _Connection, request: bytes) -> None:
    connection.sent = time.perf_counter()
    connection.socket.sendall(request)


def _receive(connection: _Connection) -> bool:
    """Whether the answer is whole now."""
    part = connection.socket.recv(65536)
    received = connection.received = connection.received + part
    if not part:
        raise SystemExit("The service closed a connection")
    head = received.find(b"\r\n\r\n")
    if head < 0:
        return False
    if not received.startswith(b"HTTP/1.1 200"):
        raise SystemExit(f"The service answered {received[:500]!r}")
    place = received.lower().index(b"content-length: ", 0, head) + len(b"content-length: ")
    if len(received) - head - 4 < int(received[place : received.index(b"\r\n", place)]):
        return False
    connection.received = b""
    return True


if __name__ == "__main__":
    main()
