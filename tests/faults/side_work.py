"""What goes on beside the clients: an import, files to pull, identity-resolution jobs, somebody at
the console.
"""

import csv
import http.client
import json
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path

import psycopg

from tests.acceptance.browsing import Wanderer
from tests.acceptance.first_key import Key
from tests.acceptance.service import PATIENCE_SECONDS
from tests.faults.stages import Stage
from tests.faults.world import BUCKET, MAIN, OWN, Http, Unclear, Wrong, path_of

ROWS = 300
"""Of each file."""
LINES = 20_000
"""Of the file that is imported, unless somebody is in a hurry."""
PAGE_SECONDS = 0.2
"""After which another page of the console is opened."""
PAGE_STATUSES = {
    http.client.OK,
    http.client.TOO_MANY_REQUESTS,
    http.client.SERVICE_UNAVAILABLE,
}
PROGRAM = str(Path(sys.executable).with_name("openprofiles"))


class SideWork:
    """Keeps it going whatever happens to the service, and looks what became of it."""

    def __init__(
        self, stage: Stage, key: Key, buckets: Path, folder: Path, lines: int = LINES
    ) -> None:
        self._stage = stage
        self._key = key
        self._pages: Counter[int] = Counter()
        self._is_over = threading.Event()
        self._wandering = threading.Thread(target=self._wander, daemon=True)
        self._wandering.start()
        self._line_count = lines
        self._drop = buckets / BUCKET / "in"
        self._files = 0
        self._imports = 0
        self._lines = folder / "lines.jsonl"
        with self._lines.open("w") as file:
            file.writelines(json.dumps({"id": f"L{number}"}) + "\n" for number in range(lines))
        self._import: subprocess.Popen[bytes] | None = None
        self._is_imported = False

    def go_on(self) -> None:
        """Another file, another job, and the import again if it has not come to its end."""
        if self._files < 100:
            self._drop_file()
        with closing(Http(self._stage.service.port, self._key)) as line, suppress(Unclear, Wrong):
            # Refused while one is under way.
            line.call("POST", f"{OWN}{path_of(MAIN, '/identity-resolution-jobs')}", {})
        self._go_on_importing()

    def finish(self) -> tuple[dict[str, int], list[str]]:
        """Let all of it come to its end: what was done, and what does not fit."""
        self._is_over.set()
        self._wandering.join()
        deadline = time.monotonic() + 2 * PATIENCE_SECONDS
        while not self._is_imported and time.monotonic() < deadline:
            self._go_on_importing()
            time.sleep(0.1)
        self.close()
        expected = {"Row": self._files * ROWS, "Line": self._line_count}
        while self._counts() != expected and time.monotonic() < deadline:
            time.sleep(0.2)
        found, unfinished = self._counts(), self._unfinished_jobs(deadline)
        problems = [] if found == expected else [f"side work: expected {expected}, found {found}"]
        if unfinished:
            problems.append(f"{unfinished} identity-resolution jobs do not end")
        if strange := self._pages.keys() - PAGE_STATUSES:
            problems.append(f"pages of the console were answered with {strange}")
        done = {
            "rows that an integration pulled": found["Row"],
            "lines that were imported": found["Line"],
            "times that the import was started": self._imports,
            "identity-resolution jobs that completed": self._jobs("= 'COMPLETED'"),
            "pages of the console": self._pages[http.client.OK],
            "pages while there was no database": self._pages[http.client.SERVICE_UNAVAILABLE],
        }
        return done, problems

    def close(self) -> None:
        """End the import, if it is still under way, and the visit to the console."""
        self._is_over.set()
        if self._import is not None and self._import.poll() is None:
            self._import.kill()
            self._import.wait()

    def _wander(self) -> None:
        """Open pages of the console, whatever happens meanwhile."""
        wanderer = Wanderer(self._stage.service.port, self._key, seed=1)
        while not self._is_over.wait(PAGE_SECONDS):
            with suppress(OSError, http.client.HTTPException):
                self._pages[wanderer.step()] += 1

    def _drop_file(self) -> None:
        # Beside its place first: a file is there whole or not at all.
        draft = self._drop.parent.parent / f"{self._files}.csv"
        with draft.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["id"])
            first = self._files * ROWS
            writer.writerows([f"R{number}"] for number in range(first, first + ROWS))
        draft.rename(self._drop / draft.name)
        self._files += 1

    def _go_on_importing(self) -> None:
        if self._import is not None and self._import.poll() == 0:
            self._is_imported = True
        elif self._import is None or self._import.poll() is not None:
            self._import = self._start_import()

    def _start_import(self) -> subprocess.Popen[bytes]:
        self._imports += 1
        return subprocess.Popen(
            [
                *(PROGRAM, "import", str(self._lines), "--domain", MAIN, "--object-type", "Line"),
                *self._stage.import_options,
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _counts(self) -> dict[str, int]:
        with psycopg.connect(self._stage.conninfo()) as connection:
            rows = connection.execute(
                "select object_type, count(*) from profile_objects join domains using (domain_id)"
                " where domains.name = %s and object_type in ('Row', 'Line') group by 1",
                [MAIN],
            ).fetchall()
        return {"Row": 0, "Line": 0} | dict(rows)

    def _unfinished_jobs(self, deadline: float) -> int:
        while (count := self._jobs("not in ('COMPLETED', 'FAILED', 'PARTIAL_SUCCESS')")) and (
            time.monotonic() < deadline
        ):
            time.sleep(0.2)
        return count

    def _jobs(self, status: str) -> int:
        with psycopg.connect(self._stage.conninfo()) as connection:
            query = f"select count(*) from identity_resolution_jobs where status {status}"
            [(count,)] = connection.execute(query.encode()).fetchall()
        return int(count)
