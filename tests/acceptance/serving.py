"""A real `openprofiles serve` in processes of its own."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

START_SECONDS = 60
STOP_SECONDS = 60
ANSWERS = re.compile(r"answers at (http://\S+)")


@contextmanager
def serving(data_dir: Path, *options: str) -> Iterator[str]:
    """Start the service on a free port; its URL, once it answers; stop it at the end."""
    command = [str(Path(sys.executable).with_name("openprofiles")), "serve", "--port", "0"]
    log = data_dir.parent / f"{data_dir.name}.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [*command, "--data-dir", str(data_dir), *options],
            stdout=subprocess.PIPE,
            stderr=errors,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            text=True,
        )
    try:
        yield _url_of(process)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        finally:
            process.kill()
            process.wait()
            assert process.stdout is not None
            process.stdout.close()


def _url_of(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    watchdog = threading.Timer(START_SECONDS, process.kill)
    watchdog.start()
    try:
        for line in process.stdout:
            found = ANSWERS.search(line)
            if found:
                return found[1]
    finally:
        watchdog.cancel()
    raise AssertionError(f"serve ended with {process.wait()} before it answered")
