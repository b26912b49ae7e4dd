"""Bulk import: how fast, in how much memory, and whether it slows down."""

import json
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from bench import workload
from bench.service import PROGRAM

SAMPLE_SECONDS = 1.0
LOG = "import.log"
FIRST_VISIT = 200_000_000_000


@dataclass(frozen=True, slots=True)
class Import:
    """One run of the command; rates in objects per second, memory in megabytes."""

    rate: float
    rate_at_start: float
    rate_at_end: float
    peak_memory: float


def write_objects(path: Path, customers: int) -> None:
    """A file of JSON Lines with one visit of each customer."""
    with path.open("w") as file:
        for number in range(customers):
            content = workload.visit(FIRST_VISIT + number, workload.KNOWN + number)
            file.write(json.dumps(content, separators=(",", ":")) + "\n")


def run(conninfo: str, data_dir: Path, path: Path, *, domain: str, objects: int) -> Import:
    """Import a file of so many objects, and watch it."""
    arguments = ["--domain", domain, "--object-type", workload.OBJECT_TYPE]
    arguments += ["--data-dir", str(data_dir), "--restart"]
    started = time.perf_counter()
    with (
        psycopg.connect(conninfo, autocommit=True) as connection,
        (data_dir.parent / LOG).open("ab") as log,
    ):
        process = subprocess.Popen(
            [PROGRAM, "import", str(path), *arguments], stdout=log, stderr=log
        )
        samples, peak = _watch(process, lambda: _position(connection, domain))
        seconds = time.perf_counter() - started
    if process.returncode != 0:
        said = (data_dir.parent / LOG).read_text()[-2000:]
        raise SystemExit(f"The import ended with {process.returncode}: {said}")
    return Import(
        rate=objects / seconds,
        rate_at_start=_rate(samples, 0.0, objects * 0.1),
        rate_at_end=_rate(samples, objects * 0.9, objects),
        peak_memory=peak,
    )


Samples = list[tuple[float, int]]


def _watch(process: subprocess.Popen[bytes], position: Callable[[], int]) -> tuple[Samples, float]:
    samples, peak = [(time.perf_counter(), 0)], 0.0
    while process.poll() is None:
        with suppress(psutil.NoSuchProcess):
            peak = max(peak, _memory(psutil.Process(process.pid)))
        done = position()
        if done != samples[-1][1]:
            samples.append((time.perf_counter(), done))
        elif done == 0:
            # Until the first batch is done there is nothing but start-up.
            samples = [(time.perf_counter(), 0)]
        time.sleep(SAMPLE_SECONDS)
    # A short import may be over before it was looked at twice.
    samples.append((time.perf_counter(), position()))
    return samples, peak


def _position(connection: psycopg.Connection[tuple[int]], domain: str) -> int:
    row = connection.execute(
        """
        select coalesce(max(position), 0) from imports join domains using (domain_id)
        where domains.name = %s
        """,
        [domain],
    ).fetchone()
    return row[0] if row else 0


def _memory(process: psutil.Process) -> float:
    """Resident megabytes of a process and those it started, but for a database among them."""
    family = [process, *process.children(recursive=True)]
    ours = [member for member in family if not member.name().startswith("postgres")]
    return sum(float(member.memory_info().rss) for member in ours) / 2**20


def _rate(samples: Samples, begin: float, end: float) -> float:
    """Objects per second between two positions, as near as the samples come."""
    first = next(sample for sample in samples if sample[1] >= begin)
    last = next((sample for sample in samples if sample[1] >= end), samples[-1])
    if first == last:
        first = samples[max(0, samples.index(last) - 1)]
    return (last[1] - first[1]) / max(last[0] - first[0], 1e-9)
