"""`openprofiles import` as a process that is interrupted and killed."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.features.profiles.consistency import check_domain

pytestmark = pytest.mark.usefixtures("untraced_processes")

PROGRAM = str(Path(sys.executable).with_name("openprofiles"))
RECORDS = 10_000
PATIENCE_SECONDS = 120


@pytest.fixture
def start(shop, options):
    """A function that starts an import."""

    def run(path: Path, *more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [
                PROGRAM,
                "import",
                str(path),
                "--domain",
                shop.name,
                "--object-type",
                "Thing",
                *options,
                *more,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return run


def target_of(domain: str) -> list[str]:
    """The options that say where to."""
    return ["--domain", domain, "--object-type", "Thing"]


def position_of(database, domain: str) -> int:
    """How far the domain's unfinished import is."""
    with database.reading() as transaction:
        rows = transaction.rows(
            "select position from imports join domains using (domain_id)"
            " where name = %s and finished_at is null",
            [domain],
        )
    return rows[0][0] if rows else 0


def wait_for_position(database, domain: str, position: int) -> None:
    """Wait until an import has come this far."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while position_of(database, domain) < position:
        assert time.monotonic() < deadline
        time.sleep(0.005)


def require_all_done_once(database, shop, records: int) -> None:
    """Everything of the file is there, once; and counted once."""
    tenth = records // 10
    assert check_domain(database, shop.name) == {
        "profiles": 8 * tenth,
        "objects": 9 * tenth,
        "records": 0,
    }
    with database.reading() as transaction:
        ((rejected,),) = transaction.rows(
            "select count(*) from rejected_objects join domains using (domain_id) where name = %s",
            [shop.name],
        )
        imports = transaction.rows(
            "select position, counts, finished_at is not null from imports"
            " join domains using (domain_id) where name = %s",
            [shop.name],
        )
    assert rejected == tenth
    ((position, counts, is_finished),) = imports
    assert (position, is_finished) == (records, True)
    assert {name: counts[name] for name in ("read", "attached", "created", "updated")} == {
        "read": records,
        "attached": tenth,
        "created": 8 * tenth,
        "updated": 0,
    }


@pytest.mark.parametrize("seed", range(2))
def test_an_import_that_is_killed_again_and_again_does_everything_once(
    shop, things, start, database, seed
):
    path, chance, kills = things(RECORDS), random.Random(seed), 0
    while not is_finished(database, shop.name):
        process = start(path)
        goal = position_of(database, shop.name) + chance.choice([0, 1000, 2000, 4000])
        wait_while_below(database, shop.name, goal, process)
        time.sleep(chance.random() * 0.2)
        kills += process.poll() is None
        process.kill()
        process.communicate()
        assert process.returncode in {0, -signal.SIGKILL}

    assert kills > 1
    require_all_done_once(database, shop, RECORDS)


def test_an_import_that_is_killed_while_its_writers_work_does_everything_once(
    shop, things, start, database
):
    path, records = things(2 * RECORDS), 2 * RECORDS
    process = start(path)
    wait_for_position(database, shop.name, RECORDS)
    writers = psutil.Process(process.pid).children()
    process.kill()
    process.communicate()

    again = start(path)
    again.communicate(timeout=PATIENCE_SECONDS)

    assert again.returncode == 0
    require_all_done_once(database, shop, records)
    assert psutil.wait_procs(writers, PATIENCE_SECONDS)[1] == []


def is_finished(database, domain: str) -> bool:
    """Whether an import into the domain has come to its end."""
    with database.reading() as transaction:
        row = transaction.row(
            "select from imports join domains using (domain_id)"
            " where name = %s and finished_at is not null",
            [domain],
        )
    return row is not None


def wait_while_below(database, domain: str, goal: int, process: subprocess.Popen[str]) -> None:
    """Wait until the import has come to `goal` or its process has ended."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while position_of(database, domain) < goal and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_import_says_how_to_go_on(shop, things, start, database, number):
    path = things(RECORDS)
    process = start(path)
    wait_for_position(database, shop.name, 1000)
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE_SECONDS)

    done = position_of(database, shop.name)
    assert process.returncode == 130
    assert f"Interrupted after {done:,} records" in err.replace("\n", " ")
    assert "Start the same command again" in err.replace("\n", " ")
    assert f"{done:,}" in out

    again = start(path)
    out, err = again.communicate(timeout=PATIENCE_SECONDS)

    assert again.returncode == 0
    assert f"Going on after record {done:,}" in err.replace("\n", " ")
    require_all_done_once(database, shop, RECORDS)


def test_restart_begins_at_the_first_record(shop, things, start, database):
    path = things(RECORDS)
    process = start(path)
    wait_for_position(database, shop.name, 1000)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE_SECONDS)

    again = start(path, "--restart")
    _, err = again.communicate(timeout=PATIENCE_SECONDS)

    assert again.returncode == 0
    assert "Going on" not in err
    assert shop.stats()["ObjectCount"] == RECORDS * 9 // 10


def test_the_standard_input_is_imported(shop, things, options):
    with things(50).open() as file:
        done = subprocess.run(
            [PROGRAM, "import", "-", *target_of(shop.name), *options],
            stdin=file,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )

    assert done.returncode == 0
    assert shop.stats()["ObjectCount"] == 45


def test_an_interrupted_input_cannot_be_continued(shop, options, database):
    with subprocess.Popen(
        [PROGRAM, "import", "-", *target_of(shop.name), *options],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        for number in range(3000):
            process.stdin.write(f'{{"id": "{number}", "mail": "{number}@example.com"}}\n')
        process.stdin.flush()
        wait_for_position(database, shop.name, 1000)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE_SECONDS)

    assert process.returncode == 130
    assert "the input cannot be continued" in err
    assert shop.stats()["ObjectCount"] >= 1000
