"""`python -m bench.matching`: identity resolution in the service, among a million customers.

The customers are imported into a domain whose Matching is enabled, a job resolves them, then new
ones come one by one and are looked up at once: one in the process of the measurement, which takes
what finding candidates in PostgreSQL and scoring them takes, the next over HTTP. In the end a
second job says who belongs together, and what was known at once is compared with it.
"""

import argparse
import http.client
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from bench import machine, table
from bench.service import PROGRAM, Service, send, serving
from openprofiles.app import open_application
from openprofiles.core.ourselves import ourselves
from openprofiles.core.settings import Settings
from openprofiles.features.matching.records import FIELDS

DOMAIN, OBJECT_TYPE = "customers", "Customer"
PATH = f"/domains/{DOMAIN}"
GENERATOR = Path(__file__).parent / "resolution" / "generate.py"
ADDRESS = ("Address1", "City", "State", "PostalCode")
NEWCOMERS = 2000
SEED = 1
PATIENCE_SECONDS = 900.0


@dataclass(slots=True)
class Findings:
    """What was measured; times in seconds."""

    import_rate: float = 0.0
    job_seconds: float = 0.0
    look_ups: list[float] = field(default_factory=list)
    """In process."""
    asked: list[float] = field(default_factory=list)
    """Over HTTP."""
    with_write: list[float] = field(default_factory=list)
    agreement: float = 0.0


def main() -> None:
    """Measure, and write the table to docs/performance.md (or print it, when the run is small)."""
    parser = argparse.ArgumentParser(prog="bench.matching", description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="where the data goes")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="openprofiles-bench-", dir=given.folder) as folder:
        found = measure(Path(folder), given.customers)
    text = table.as_markdown(
        rows_of(found, given.customers), machine.describe(), "make bench-matching"
    )
    print(text)
    if given.customers >= 1_000_000:
        table.write(text, "matching")


def measure(folder: Path, customers: int) -> Findings:
    """All measurements, on one service."""
    found = Findings()
    rows = _rows(_generated(folder, customers + NEWCOMERS))
    # Drawn, since the records of a person stand side by side.
    drawn = set(random.Random(SEED).sample(range(customers + NEWCOMERS), NEWCOMERS))
    newcomers = []
    with serving(folder / "data") as service:
        client = service.client()
        client.create_domain(
            DomainName=DOMAIN, DefaultExpirationDays=366, Matching={"Enabled": True}
        )
        client.put_profile_object_type(DomainName=DOMAIN, **_object_type())
        objects = folder / "customers.jsonl"
        with objects.open("w") as file:
            for place, person in enumerate(rows):
                if place in drawn:
                    newcomers.append(person)
                else:
                    file.write(json.dumps(person) + "\n")
        started = time.perf_counter()
        _import(folder, objects)
        found.import_rate = customers / (time.perf_counter() - started)
        found.job_seconds = _run_job(service)
        with _looking_up(folder / "data") as look_up:
            ids = _newcomers(service, newcomers, look_up, found)
        known = {profile_id: _matches(service, profile_id) for profile_id in ids}
        _run_job(service)
        same = sum(_similar(service, profile_id) == known[profile_id] for profile_id in ids)
        found.agreement = same / len(ids)
    return found


def rows_of(found: Findings, customers: int) -> list[table.Row]:
    """The table."""
    p50, p99 = _percentiles(found.look_ups)
    asked_p50, asked_p99 = _percentiles(found.asked)
    _, write_p99 = _percentiles(found.with_write)
    return [
        table.Row(
            f"import of {customers:,} customers into a domain with matching: objects/s",
            f"{found.import_rate:,.0f}",
        ),
        table.Row(
            f"whole job, {customers:,} profiles: database to stored, readable groups",
            f"{found.job_seconds:.1f} s",
            "≤ 30 s",
            found.job_seconds <= 30,
        ),
        table.Row(
            "candidates and scores of a new profile, and its group, in process, p50",
            f"{p50:.2f} ms",
            "≤ 2 ms",
            p50 <= 2,
        ),
        table.Row("the same, p99", f"{p99:.2f} ms", "≤ 10 ms", p99 <= 10),
        table.Row("the same over HTTP, p50", f"{asked_p50:.2f} ms"),
        table.Row("the same over HTTP, p99", f"{asked_p99:.2f} ms"),
        table.Row(
            "CreateProfile and look-up over HTTP together, p99",
            f"{write_p99:.2f} ms",
            "≤ 25 ms",
            write_p99 <= 25,
        ),
        table.Row(
            "new profiles whose group is that of the next run",
            f"{found.agreement:.2%}",
            "≥ 99.5 %",
            found.agreement >= 0.995,
        ),
    ]


def _percentiles(seconds: list[float]) -> tuple[float, float]:
    """Median and 99th percentile, in milliseconds."""
    return (
        statistics.median(seconds) * 1000,
        statistics.quantiles(seconds, n=100)[98] * 1000,
    )


def _generated(folder: Path, count: int) -> Path:
    path = folder / "customers.parquet"
    subprocess.run([sys.executable, str(GENERATOR), str(count), str(path)], check=True)
    return path


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    for batch in pq.ParquetFile(path).iter_batches(10_000):
        for row in batch.to_pylist():
            yield {name: value for name, value in row.items() if value is not None}


def _object_type() -> dict[str, Any]:
    def target(name: str) -> dict[str, str]:
        place = f"Address.{name}" if name in ADDRESS else name
        return {"Source": f"_source.{name}", "Target": f"_profile.{place}", "ContentType": "STRING"}

    return {
        "ObjectTypeName": OBJECT_TYPE,
        "Description": "Customers of several sources",
        "AllowProfileCreation": True,
        "Fields": {
            "id": {"Source": "_source.ProfileId", "ContentType": "STRING"},
            **{name: target(name) for name in (*FIELDS, *ADDRESS)},
        },
        "Keys": {
            "customer_id": [{"StandardIdentifiers": ["UNIQUE", "PROFILE"], "FieldNames": ["id"]}]
        },
    }


def _import(folder: Path, objects: Path) -> None:
    place = ["--domain", DOMAIN, "--object-type", OBJECT_TYPE, "--data-dir", str(folder / "data")]
    subprocess.run([PROGRAM, "import", str(objects), *place], check=True, capture_output=True)


def _run_job(service: Service) -> float:
    """Have a job run; how long it ran."""
    job_id = service.ask("POST", f"{PATH}/identity-resolution-jobs", {})["JobId"]
    client, end = service.client(), time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        job = client.get_identity_resolution_job(DomainName=DOMAIN, JobId=job_id)
        if "JobEndTime" in job:
            if job["Status"] != "COMPLETED":
                raise SystemExit(f"The job ended as {job['Status']}: {job.get('Message')}")
            return (job["JobEndTime"] - job["JobStartTime"]).total_seconds()
        time.sleep(0.5)
    raise SystemExit("The job did not end")


@contextmanager
def _looking_up(data_dir: Path) -> Iterator[Callable[[str], Any]]:
    """A function that looks a profile up, by its id, in this process."""
    settings = Settings(data_dir=data_dir)
    with closing(open_application(settings)) as application:
        caller = ourselves(settings, "measurement")

        def look_up(profile_id: str) -> Any:
            parameters = {"DomainName": DOMAIN, "ProfileId": profile_id}
            return application.invoke("FindMatches", parameters, caller)

        yield look_up


def _newcomers(
    service: Service,
    people: Iterable[Mapping[str, Any]],
    look_up: Callable[[str], Any],
    found: Findings,
) -> list[str]:
    """Make profiles one by one and look each up at once, by turns here and over HTTP; their ids."""
    ids = []
    with closing(http.client.HTTPConnection("127.0.0.1", service.port)) as connection:
        for number, person in enumerate(people):
            started = time.perf_counter()
            made = send(connection, "POST", f"{PATH}/profiles", _profile(person))
            profile_id = made["ProfileId"]
            written = time.perf_counter()
            if number % 2:
                look_up(profile_id)
                found.look_ups.append(time.perf_counter() - written)
            else:
                path = f"/_openprofiles/v1{PATH}/profiles/{profile_id}/matches"
                send(connection, "GET", path, None)
                ended = time.perf_counter()
                found.asked.append(ended - written)
                found.with_write.append(ended - started)
            ids.append(profile_id)
    # Until each worker has read the model once, it is slower.
    del found.look_ups[:50], found.asked[:50], found.with_write[:50]
    return ids


def _profile(person: Mapping[str, Any]) -> dict[str, Any]:
    plain = {name: person[name] for name in FIELDS if name in person}
    address = {name: person[name] for name in ADDRESS if name in person}
    return plain | ({"Address": address} if address else {})


def _matches(service: Service, profile_id: str) -> frozenset[str]:
    return frozenset(service.ask("GET", f"{PATH}/profiles/{profile_id}/matches")["ProfileIds"])


def _similar(service: Service, profile_id: str) -> frozenset[str]:
    pages = (
        service.client()
        .get_paginator("get_similar_profiles")
        .paginate(
            DomainName=DOMAIN,
            MatchType="ML_BASED_MATCHING",
            SearchKey="profileId",
            SearchValue=profile_id,
        )
    )
    return frozenset(found for page in pages for found in page["ProfileIds"])


if __name__ == "__main__":
    main()
