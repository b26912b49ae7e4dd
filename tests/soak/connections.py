"""Clients of all tempers on plain sockets: idle, busy, slow to write, slow to read, honest."""

import asyncio
import json
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

from tests.acceptance.first_key import Key
from tests.faults.world import MAIN, path_of

HOST = "localhost"
CLEAR = "clear"
"""A domain without a key, beside MAIN, which has one."""

ANSWER_SECONDS = 60.0
"""Longer than anybody should wait."""
MOST_KEPT = 5000
PAYLOAD = "x" * 200


@dataclass(slots=True)
class Seen:
    """What clients of one temper saw."""

    statuses: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    def percentile(self, percent: int) -> float:
        """Milliseconds."""
        ordered = sorted(self.seconds) or [0.0]
        return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] * 1000


class Clients:
    """All clients of a run; each is a task that goes on until it is cancelled."""

    def __init__(self, port: int, key: Key, seed: int) -> None:
        self._port = port
        self._key = key
        self._lot = Random(seed)
        self.seen = {who: Seen() for who in ("honest", "visitor")}
        self._number = 0
        self._writers: set[asyncio.StreamWriter] = set()

    async def idle(self) -> None:
        """Connects, asks once, then says nothing; again when the server has had enough of it."""
        while True:
            with suppress(OSError, asyncio.IncompleteReadError):
                reader, writer = await self._open()
                await self._ask("idle", reader, writer, "GET", path_of(MAIN))
                await reader.read(1)
                self._note("idle", "closed by the server")
                writer.close()

    async def busy(self, pause: float) -> None:
        """Puts and searches over a connection that is kept, with a pause after each answer."""
        while True:
            with suppress(OSError, asyncio.IncompleteReadError):
                reader, writer = await self._open()
                while True:
                    await self._ask("busy", reader, writer, *self._work())
                    await asyncio.sleep(pause * self._lot.uniform(0.5, 1.5))

    async def honest(self) -> None:
        """A caller whose latency counts: one request a moment, over a connection of its own."""
        while True:
            reader, writer = await self._open()
            with suppress(OSError, asyncio.IncompleteReadError):
                await self._ask("honest", reader, writer, *self._work())
            writer.close()
            await asyncio.sleep(0.2)

    async def slow_header(self) -> None:
        """A byte of a header each second."""
        while True:
            with suppress(OSError):
                reader, writer = await self._open()
                started = time.monotonic()
                writer.write(b"GET /domains HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
                await self._dribble(reader, writer, "slow header")
                self._seen("slow header").seconds.append(time.monotonic() - started)

    async def slow_body(self) -> None:
        """A byte of a promised body each second."""
        while True:
            with suppress(OSError):
                reader, writer = await self._open()
                started = time.monotonic()
                path = path_of(MAIN, "/profiles/objects")
                # Signed as what it never comes to be: else it is refused at once.
                writer.write(self._head("PUT", path, b"a" * 100_000))
                await self._dribble(reader, writer, "slow body")
                self._seen("slow body").seconds.append(time.monotonic() - started)

    async def slow_reader(self, profile: str) -> None:
        """Asks for a large answer and takes a little of it each second."""
        body = json.dumps({"ProfileId": profile, "ObjectTypeName": "Visit"}).encode()
        path = path_of(MAIN, "/profiles/objects")
        while True:
            with suppress(OSError):
                reader, writer = await self._open(limit=256)
                writer.write(self._head("POST", path, body) + body)
                for _ in range(60):
                    if not await reader.read(128):
                        break
                    await asyncio.sleep(1)
                self._note("slow reader", "turns")
                writer.close()

    async def _dribble(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, who: str
    ) -> None:
        answer = asyncio.ensure_future(reader.read(200))
        try:
            while not answer.done():
                writer.write(b"a")
                await writer.drain()
                await asyncio.wait([answer], timeout=1)
            said = (await answer).split(b"\r\n")[0].decode() or "closed"
            self._note(who, said)
        finally:
            answer.cancel()
            writer.close()

    def _work(self) -> tuple[str, str, bytes]:
        self._number += 1
        domain = self._lot.choice((MAIN, CLEAR))
        if self._number % 2:
            content = json.dumps({"id": f"S{self._number % 2000}", "version": PAYLOAD})
            put = {"ObjectTypeName": "Account", "Object": content}
            return "PUT", path_of(domain, "/profiles/objects"), json.dumps(put).encode()
        search = {"KeyName": "_account", "Values": [f"S{self._lot.randrange(2000)}"]}
        return "POST", path_of(domain, "/profiles/search"), json.dumps(search).encode()

    async def close(self) -> None:
        """End all connections; nobody uses them any more."""
        for writer in self._writers:
            writer.close()
        for writer in self._writers:
            with suppress(OSError):
                await writer.wait_closed()

    async def _open(self, limit: int = 65536) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        # Those that ended are forgotten now and then.
        if len(self._writers) > MOST_KEPT:
            self._writers = {each for each in self._writers if not each.is_closing()}
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port, limit=limit)
                self._writers.add(writer)
                return reader, writer
            except OSError as error:
                self._note("connecting", type(error).__name__)
                await asyncio.sleep(0.5)

    async def _ask(
        self,
        who: str,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        method: str,
        path: str,
        body: bytes = b"",
    ) -> None:
        head = self._head(method, path, body)
        started = time.monotonic()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                writer.write(head + body)
                answer = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
                length = int(answer.split("content-length: ", 1)[1].split("\r\n", 1)[0])
                await reader.readexactly(length)
        except TimeoutError:
            self._note(who, "no answer")
            raise OSError("no answer") from None
        status = answer.split(" ", 2)[1]
        self._note(who, status)
        if status == "200":
            self._seen(who).seconds.append(time.monotonic() - started)

    def _head(self, method: str, path: str, body: bytes = b"") -> bytes:
        """Request line and headers, signed."""
        headers = self._key.headers(method, f"http://{HOST}{path}", body)
        headers |= {"Host": HOST, "Content-Length": str(len(body))}
        lines = [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""]).encode()

    def note(self, who: str, what: str, seconds: float | None = None) -> None:
        """Remember an answer, and how long it took."""
        self._note(who, what)
        if seconds is not None:
            self._seen(who).seconds.append(seconds)

    def _note(self, who: str, what: str) -> None:
        self._seen(who).statuses[what] += 1

    def _seen(self, who: str) -> Seen:
        return self.seen.setdefault(who, Seen())
