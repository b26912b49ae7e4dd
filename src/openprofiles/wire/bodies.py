"""Bodies that are slow to come: each holds a thread of the web worker until it is there.

The server under us hands a body over in a call that waits for as long as its sender likes, and
nobody can end that wait (docs/adr/0042-slow-bodies.md). So nobody may have all threads wait.
"""

from collections.abc import Callable, Iterable, Iterator
from threading import Lock
from typing import Any
from wsgiref.types import InputStream, StartResponse, WSGIApplication, WSGIEnvironment

from openprofiles.core.errors import Throttling
from openprofiles.wire.sources import Sources, neighbourhood_of


class FairBodies:
    """An application whose requests have their bodies waited for, those of one address at most
    `most` at a time: reading one more raises Throttling, so that others find a thread.
    """

    def __init__(self, application: WSGIApplication, sources: Sources, *, most: int) -> None:
        self._application = application
        self._sources = sources
        self._most = most
        self._lock = Lock()
        self._waiting: dict[str, int] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        if environ.get("CONTENT_LENGTH") or "HTTP_TRANSFER_ENCODING" in environ:
            name = neighbourhood_of(self._sources.address_of(environ))
            # It does not know the request, which knows it: together they would stay in memory
            # until somebody looks for what only keeps itself.
            environ["wsgi.input"] = _Body(environ["wsgi.input"], self, name)
        return self._application(environ, start_response)

    def begin(self, name: str) -> None:
        """A body is waited for from now on, of a neighbourhood. Raises Throttling."""
        with self._lock:
            waiting = self._waiting.get(name, 0)
            if waiting >= self._most:
                raise Throttling("Too many requests of this address wait for their bodies")
            self._waiting[name] = waiting + 1

    def end(self, name: str) -> None:
        """It is there, or never comes."""
        with self._lock:
            waiting = self._waiting[name] - 1
            if waiting:
                self._waiting[name] = waiting
            else:
                # Addresses are of strangers: they must not pile up.
                del self._waiting[name]


class _Body:
    """A body as WSGI has it, waited for in one's share."""

    def __init__(self, body: InputStream, shares: FairBodies, name: str) -> None:
        self._body = body
        self._shares = shares
        self._name = name

    def read(self, size: int = -1, /) -> bytes:
        """So many bytes, or all."""
        content: bytes = self._wait(self._body.read, size)
        return content

    def readline(self, size: int = -1, /) -> bytes:
        """A line."""
        line: bytes = self._wait(self._body.readline, size)
        return line

    def readlines(self, hint: int = -1, /) -> list[bytes]:
        """All lines."""
        lines: list[bytes] = self._wait(self._body.readlines, hint)
        return lines

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    def _wait(self, read: Callable[..., Any], size: int) -> Any:
        self._shares.begin(self._name)
        try:
            return read(size) if size >= 0 else read()
        finally:
            self._shares.end(self._name)
