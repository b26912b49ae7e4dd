"""`python -m bench.pulling`: an integration that pulls CSV files from S3, beside `openprofiles
import` of the same files.

The files lie in a bucket of moto's server, which speaks S3 over HTTP in a process of its own. The
integration has a flow as AppFlow has it: a projection and a Map task for each column.
"""

import argparse
import csv
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import boto3

from bench import machine, table, workload
from bench.importing import FIRST_VISIT
from bench.service import PROGRAM, Service, serving

DOMAIN = "bench"
IMPORTED, PULLED = "imported", "pulled"
BUCKET, PREFIX = "bench", "visits"
ROWS_A_FILE = 100_000
PORT_TEXT = "listening on"
PATIENCE_SECONDS = 1200.0
MOTO = """
import time
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print("listening on", *server.get_host_and_port(), flush=True)
time.sleep(86400)
"""


@dataclass(frozen=True, slots=True)
class Findings:
    """Rows per second."""

    imported: float
    pulled: float


def main() -> None:
    """Measure, and write the table to docs/performance.md (or print it, when the run is small)."""
    parser = argparse.ArgumentParser(prog="bench.pulling", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="where the data goes")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="openprofiles-bench-", dir=given.folder) as folder:
        found = measure(Path(folder), given.rows)
    text = table.as_markdown(
        rows_of(found, given.rows), machine.describe(), "python -m bench.pulling"
    )
    print(text)
    if given.rows >= 1_000_000:
        table.write(text, "pulling")


def measure(folder: Path, rows: int) -> Findings:
    """Import the files into one database and pull them into another."""
    files = list(write_files(folder, rows))
    with _domain(folder / IMPORTED):
        started = time.perf_counter()
        place = ["--domain", DOMAIN, "--object-type", workload.OBJECT_TYPE]
        subprocess.run(
            [PROGRAM, "import", *map(str, files), *place, "--data-dir", str(folder / IMPORTED)],
            check=True,
            capture_output=True,
        )
        imported = rows / (time.perf_counter() - started)
    with _s3() as endpoint, _domain(folder / PULLED) as service:
        _upload(endpoint, files)
        return Findings(imported, rows / _pull(service, rows))


def rows_of(found: Findings, rows: int) -> list[table.Row]:
    """The table."""
    ratio = found.pulled / found.imported
    return [
        table.Row(f"`openprofiles import` of {rows:,} CSV rows: rows/s", f"{found.imported:,.0f}"),
        table.Row("an integration that pulls them from S3: rows/s", f"{found.pulled:,.0f}"),
        table.Row("pull : import", f"{ratio:.2f}", "≥ 0.8", ratio >= 0.8),
    ]


def write_files(folder: Path, rows: int) -> Iterator[Path]:
    """CSV files with one visit of each customer; their paths."""
    for first in range(0, rows, ROWS_A_FILE):
        path = folder / f"visits-{first:09}.csv"
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(workload.visit(FIRST_VISIT, workload.KNOWN)))
            writer.writeheader()
            for number in range(first, min(first + ROWS_A_FILE, rows)):
                writer.writerow(workload.visit(FIRST_VISIT + number, workload.KNOWN + number))
        yield path


@contextmanager
def _domain(data_dir: Path) -> Iterator[Service]:
    """A service on a database of its own, with a domain and its object type."""
    with serving(data_dir) as service:
        client = service.client()
        client.create_domain(DomainName=DOMAIN, DefaultExpirationDays=366)
        client.put_profile_object_type(DomainName=DOMAIN, **workload.object_type())
        yield service


@contextmanager
def _s3() -> Iterator[str]:
    """A server that speaks S3, which the processes that are started from now on find."""
    process = subprocess.Popen(
        [sys.executable, "-c", MOTO],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        said = process.stdout.readline() if process.stdout else ""
        host, port = said.removeprefix(PORT_TEXT).split()
        endpoint = f"http://{host}:{port}"
        os.environ |= {
            "AWS_ACCESS_KEY_ID": "bench",
            "AWS_SECRET_ACCESS_KEY": "bench",
            "OPENPROFILES_S3_ENDPOINT_URL": endpoint,
        }
        yield endpoint
    finally:
        process.kill()
        process.wait()


def _upload(endpoint: str, files: list[Path]) -> None:
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")
    client.create_bucket(Bucket=BUCKET)
    for path in files:
        client.upload_file(str(path), BUCKET, f"{PREFIX}/{path.name}")


def _pull(service: Service, rows: int) -> float:
    """Have an integration pull the bucket; how many seconds its run took."""
    made: Any = service.client().put_integration(
        DomainName=DOMAIN, ObjectTypeName=workload.OBJECT_TYPE, FlowDefinition=_flow()
    )
    path = f"/domains/{DOMAIN}/integration-runs"
    run_id = service.ask("POST", path, {"Uri": made["Uri"]})["RunId"]
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        run = service.ask("GET", f"{path}/{run_id}")
        if run.get("EndedAt"):
            if (run["Status"], run["Ingested"]) != ("COMPLETE", rows):
                raise SystemExit(f"The run ended as {run}")
            began, ended = (datetime.fromisoformat(run[at]) for at in ("StartedAt", "EndedAt"))
            return (ended - began).total_seconds()
        time.sleep(1)
    raise SystemExit("The run did not end")


def _flow() -> Any:
    columns = list(workload.visit(FIRST_VISIT, workload.KNOWN))
    project = {
        "TaskType": "Filter",
        "SourceFields": columns,
        "ConnectorOperator": {"S3": "PROJECTION"},
    }
    copied = [
        {
            "TaskType": "Map",
            "SourceFields": [column],
            "DestinationField": column,
            "TaskProperties": {},
            "ConnectorOperator": {"S3": "NO_OP"},
        }
        for column in columns
    ]
    return {
        "FlowName": "bench-visits",
        "KmsArn": "arn:aws:kms:us-east-1:000000000000:key/bench",
        "TriggerConfig": {"TriggerType": "OnDemand"},
        "SourceFlowConfig": {
            "ConnectorType": "S3",
            "SourceConnectorProperties": {"S3": {"BucketName": BUCKET, "BucketPrefix": PREFIX}},
        },
        "Tasks": [project, *copied],
    }


if __name__ == "__main__":
    main()
