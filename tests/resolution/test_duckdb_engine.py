"""DuckDB as the engine of runs: what it takes of the machine."""

from pathlib import Path

from openprofiles.resolution import DuckDBEngine
from openprofiles.resolution.steps import Step
from tests.resolution.conftest import people, run

MEGABYTE = 1 << 20


def test_it_may_spill_to_a_folder(tmp_path):
    with DuckDBEngine(threads=1, memory_limit="200MB", spill_to=tmp_path) as engine:
        assert run(people({"FirstName": "Ann"}), engine).model.records == 1


def test_it_gives_back_the_memory_of_what_was_dropped():
    with DuckDBEngine(threads=1) as engine:
        engine.create(Step("numbers", "select range as n from range(20_000_000)"))
        engine.drop("numbers")
        before = _resident()

        engine.trim()

        assert before - _resident() > 100 * MEGABYTE


def _resident() -> int:
    """The process' memory in bytes."""
    status = Path("/proc/self/status").read_text("ascii").splitlines()
    [line] = (line for line in status if line.startswith("VmRSS"))
    return int(line.split()[1]) << 10
