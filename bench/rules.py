"""How long matching rules take to be applied to profiles that were there before them.

    python -m bench.rules [--profiles 1000000] [--merging-level 1] [--one-value]

Makes customers with bench/resolution/generate.py, stores them as profiles on an embedded database
of its own, switches the default rules on, and works them off as the job worker does. With
`--one-value` all of them have one name, one phone and one mailbox: hostile data, on which nothing
may merge.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import psutil
import psycopg
import pyarrow.parquet as pq

from openprofiles.app import Application, client_of, open_application
from openprofiles.core import ids
from openprofiles.core.operation import Caller
from openprofiles.core.settings import Settings
from openprofiles.features import rules

GENERATOR = Path(__file__).parent / "resolution" / "generate.py"
ADDRESS = ("Address1", "City", "State", "PostalCode")
NOT_FIELDS = {"ProfileId", "EntityId", "Source"}


def main() -> None:
    """Measure, and print what was measured."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--profiles", type=int, default=1_000_000)
    parser.add_argument("--merging-level", type=int, default=0)
    parser.add_argument("--one-value", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        # The database's user has to get through.
        Path(folder).chmod(0o755)
        customers = Path(folder) / "customers.parquet"
        subprocess.run([sys.executable, GENERATOR, str(given.profiles), customers], check=True)
        application = open_application(Settings(data_dir=Path(folder) / "data"))
        try:
            people = alike(given.profiles) if given.one_value else read(customers)
            measure(application, people, given.merging_level)
        finally:
            application.close()


def measure(application: Application, people: Iterable[dict[str, str]], merging_level: int) -> None:
    """Fill a domain, switch its rules on, and wait until they are in force."""
    client = client_of(application.wsgi, application.settings)
    client.create_domain(DomainName="bench", DefaultExpirationDays=366)
    count = fill(application, people)
    print(f"{count:,} profiles are stored")
    merging = {"MaxAllowedRuleLevelForMerging": merging_level} if merging_level else {}
    caller = Caller(
        account_id=application.settings.account_id,
        region=application.settings.region,
        principal="bench",
        request_id=ids.random_id(),
    )
    own, servers = processor_seconds(), server_seconds(application)
    started = time.monotonic()
    block: Any = {"Enabled": True, **merging}
    client.update_domain(DomainName="bench", RuleBasedMatching=block)
    steps = rules.work_off(application.invoke, caller)
    seconds = time.monotonic() - started
    own, servers = processor_seconds() - own, server_seconds(application) - servers
    print(f"rules in force after {seconds:.1f} s, {steps} steps")
    print(f"processor: {own:.1f} s of this process, {servers:.1f} s of the database")
    for size in (1, 100):
        started = time.monotonic()
        answer = client.list_rule_based_matches(DomainName="bench", MaxResults=size)
        print(f"a page of {len(answer['MatchIds'])}: {(time.monotonic() - started) * 1000:.1f} ms")
    started = time.monotonic()
    pages = client.get_paginator("list_rule_based_matches").paginate(DomainName="bench")
    groups = sum(len(page["MatchIds"]) for page in pages)
    print(f"all {groups:,} groups: {time.monotonic() - started:.1f} s")


def fill(application: Application, people: Iterable[dict[str, str]]) -> int:
    """Store people as profiles of the domain `bench`; how many."""
    now = datetime.now(UTC)
    new_ids = ids.ordered_ids(now)
    count = 0
    with psycopg.connect(application.database.conninfo) as connection:
        [domain_id] = connection.execute(
            "select domain_id from domains where name = 'bench'"
        ).fetchone() or [0]
        with connection.cursor().copy(
            "copy profiles (domain_id, profile_id, fields, provenance, created_at, written_at,"
            " written_on) from stdin"
        ) as copy:
            for fields in people:
                text = msgspec.json.encode(fields).decode()
                copy.write_row(
                    (domain_id, uuid.UUID(next(new_ids)), text, "{}", now, now, now.date())
                )
                count += 1
        connection.commit()
        connection.autocommit = True
        connection.execute("vacuum analyze profiles")
    return count


def read(customers: Path) -> Iterator[dict[str, str]]:
    """The flat fields of each customer."""
    for batch in pq.ParquetFile(customers).iter_batches(10_000):
        for row in batch.to_pylist():
            yield {
                f"Address.{name}" if name in ADDRESS else name: value
                for name, value in row.items()
                if value and name not in NOT_FIELDS
            }


def alike(count: int) -> Iterator[dict[str, str]]:
    """As many people who share every value."""
    for _ in range(count):
        yield {
            "FirstName": "Ann",
            "LastName": "Smith",
            "PhoneNumber": "+12125550199",
            "EmailAddress": "info@hostile.org",
        }


def processor_seconds() -> float:
    """Of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def server_seconds(application: Application) -> float:
    """Of the processes of the database."""
    with psycopg.connect(application.database.conninfo) as connection:
        pids = connection.execute("select pid from pg_stat_activity").fetchall()
    times = [psutil.Process(pid).cpu_times() for (pid,) in pids if psutil.pid_exists(pid)]
    return sum(time.user + time.system for time in times)


if __name__ == "__main__":
    main()
