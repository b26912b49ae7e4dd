"""The client processes: started, let go, paused."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.acceptance.first_key import Key
from tests.faults.ledger import Ledger


class Clients:
    """Writers in processes of their own and what they noted."""

    def __init__(
        self, port: int, key: Key, folder: Path, *, processes: int, threads: int, seed: int
    ) -> None:
        folder.mkdir()
        environment = {"AWS_ACCESS_KEY_ID": key.id, "AWS_SECRET_ACCESS_KEY": key.secret}
        self.ledger = Ledger(folder)
        self._processes = [
            subprocess.Popen(
                [
                    *(sys.executable, "-m", "tests.faults.writer"),
                    *(str(port), f"c{number}", str(threads), str(seed)),
                    str(folder / f"{number}.log"),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=os.environ | environment,
            )
            for number in range(processes)
        ]

    def go(self) -> None:
        """Let them write."""
        self._tell("go")

    def pause(self) -> None:
        """Wait until no request is under way, and take in what was noted."""
        self._tell("pause")
        self._wait()

    def stop(self) -> None:
        """End them."""
        self._tell("stop")
        self._wait()
        for process in self._processes:
            process.communicate()

    def end(self) -> None:
        """Leave none behind, whatever happened."""
        for process in self._processes:
            if process.poll() is None:
                process.kill()
                process.communicate()

    def _tell(self, order: str) -> None:
        for process in self._processes:
            assert process.stdin is not None
            process.stdin.write(f"{order}\n")
            process.stdin.flush()

    def _wait(self) -> None:
        for process in self._processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "paused\n", "a writer has ended"
        self.ledger.read()


@contextmanager
def clients(
    port: int, key: Key, folder: Path, *, processes: int = 2, threads: int = 3, seed: int = 0
) -> Iterator[Clients]:
    """Clients that are gone at the end."""
    started = Clients(port, key, folder, processes=processes, threads=threads, seed=seed)
    try:
        yield started
    finally:
        started.end()
