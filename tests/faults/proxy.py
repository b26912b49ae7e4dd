"""A network between the service and its database that drops, stalls and resets connections."""

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

BLOCK_BYTES = 1 << 16


class Proxy:
    """Listens on a port of loopback and passes all on to a unix socket, as far as it is let."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._flows = threading.Event()
        self._flows.set()
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def drop(self) -> int:
        """End all connections in good order; how many."""
        return self._end_all(resets=False)

    def reset(self) -> int:
        """End all connections as a machine does that has forgotten them."""
        return self._end_all(resets=True)

    def stall(self, seconds: float) -> int:
        """Let nothing pass for a while, and lose nothing of it."""
        self._flows.clear()
        time.sleep(seconds)
        self._flows.set()
        return len(self._pairs)

    def close(self) -> None:
        """End it, and all connections."""
        self._listener.close()
        self._flows.set()
        self.drop()

    def _accept(self) -> None:
        # Ends with the listener.
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.socket(socket.AF_UNIX)
                try:
                    far.connect(str(self._target))
                except OSError:
                    near.close()
                    far.close()
                    continue
                with self._lock:
                    self._pairs.add((near, far))
                for one, other in ((near, far), (far, near)):
                    threading.Thread(
                        target=self._pass_on, args=(one, other, (near, far)), daemon=True
                    ).start()

    def _pass_on(
        self,
        source: socket.socket,
        sink: socket.socket,
        pair: tuple[socket.socket, socket.socket],
    ) -> None:
        with suppress(OSError):
            while block := source.recv(BLOCK_BYTES):
                self._flows.wait()
                sink.sendall(block)
        self._end(pair)

    def _end_all(self, *, resets: bool) -> int:
        with self._lock:
            pairs = list(self._pairs)
        for near, far in pairs:
            if resets:
                with suppress(OSError):
                    near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._end((near, far))
        return len(pairs)

    def _end(self, pair: tuple[socket.socket, socket.socket]) -> None:
        with self._lock:
            self._pairs.discard(pair)
        for end in pair:
            with suppress(OSError):
                # Wakes the thread that reads from it.
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@contextmanager
def proxied(target: Path) -> Iterator[Proxy]:
    """A proxy that is gone at the end."""
    proxy = Proxy(target)
    try:
        yield proxy
    finally:
        proxy.close()
