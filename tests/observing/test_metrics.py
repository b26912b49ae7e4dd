"""Numbers of several processes, added up from the folder where each keeps its own."""

import os
import subprocess
import sys

PROGRAM = """
import os, sys
from pathlib import Path
from openprofiles.observing import Metrics, forget_process
metrics = Metrics(lambda: {"open": 3})
metrics.count_request("GetDomain", 200, 0.01)
text = metrics.text().decode()
if sys.argv[1:]:
    forget_process(Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]), int(sys.argv[1]))
    text = metrics.text().decode()
print(os.getpid())
print(text)
"""


def run(folder, *arguments: str) -> tuple[str, dict[str, str]]:
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        env=os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(folder)},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    pid, *lines = told.splitlines()
    numbers = [line.rsplit(" ", 1) for line in lines if line and not line.startswith("#")]
    return pid, dict(numbers)


def test_what_a_process_counted_outlives_it_and_what_it_had_does_not(tmp_path):
    first, numbers = run(tmp_path)
    counted = 'openprofiles_requests_total{operation="GetDomain",status="200"}'
    had = 'openprofiles_database_connections{state="open"}'
    assert (numbers[counted], numbers[had]) == ("1.0", "3.0")

    _, numbers = run(tmp_path, first)

    assert (numbers[counted], numbers[had]) == ("2.0", "3.0")
