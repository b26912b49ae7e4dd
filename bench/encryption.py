"""`make bench-encryption`: what it costs that a domain has an encryption key.

The same import, puts and searches in two domains of one service, one with a key and one without, by
turns: what slows both down at the moment does not change what one costs beside the other.
"""

import argparse
import itertools
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench import importing, load, machine, table, workload
from bench.campaign import PUT_CONNECTIONS, SEARCH_CONNECTIONS, WARM_UP_SECONDS, tidy
from bench.service import Service, serving
from openprofiles.storage.embedded import EmbeddedServer

CLEAR, SEALED = "clear", "sealed"
KEYS = {CLEAR: None, SEALED: "alias/bench"}
CONNECTIONS = {"put": PUT_CONNECTIONS, "search": SEARCH_CONNECTIONS}


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many customers each domain has, how long and how often is measured."""

    customers: int
    seconds: float
    repetitions: int


FULL = Sizes(customers=100_000, seconds=15.0, repetitions=5)
QUICK = Sizes(customers=500, seconds=2.0, repetitions=2)


@dataclass(slots=True)
class Findings:
    """What was measured in one domain."""

    imports: list[float] = field(default_factory=list)
    outcomes: dict[str, list[load.Outcome]] = field(
        default_factory=lambda: {kind: [] for kind in CONNECTIONS}
    )


def main() -> None:
    """Measure, and write the table to docs/performance.md."""
    parser = argparse.ArgumentParser(prog="bench.encryption", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small and short, nothing is written")
    parser.add_argument(
        "--folder", type=Path, help="where the data goes, on the disk to be measured"
    )
    options = parser.parse_args()
    sizes = QUICK if options.quick else FULL
    with tempfile.TemporaryDirectory(prefix="openprofiles-bench-", dir=options.folder) as folder:
        findings = measure(Path(folder), sizes)
    rows = rows_of(findings, sizes)
    text = table.as_markdown(rows, machine.describe(), "make bench-encryption")
    if options.quick:
        print(f"{text}\n\nQUICK: small sizes and short runs; these numbers mean nothing.")
    else:
        table.write(text, "encryption")
        print(text)


def measure(folder: Path, sizes: Sizes) -> dict[str, Findings]:
    """Fill both domains, then put and search in them by turns."""
    findings = {domain: Findings() for domain in KEYS}
    data_dir = folder / "data"
    with EmbeddedServer(data_dir) as server:
        with serving(data_dir) as service:
            _define(service)
        path = folder / "visits.jsonl"
        importing.write_objects(path, sizes.customers)
        for domain in KEYS:
            print(f"… importing {sizes.customers:,} objects, {domain}", flush=True)
            found = importing.run(
                server.conninfo, data_dir, path, domain=domain, objects=sizes.customers
            )
            findings[domain].imports.append(found.rate)
        tidy(server.conninfo)
        with serving(data_dir) as service:
            for domain, kind, seconds, seed in _turns(sizes):
                order = load.Order(
                    kind=kind,
                    port=service.port,
                    domain=domain,
                    known=sizes.customers,
                    seed=seed,
                    connections=CONNECTIONS[kind],
                    seconds=seconds or WARM_UP_SECONDS,
                )
                outcome = load.run(order)
                if seconds:
                    findings[domain].outcomes[kind].append(outcome)
    return findings


def _define(service: Service) -> None:
    client = service.client()
    for domain, key in KEYS.items():
        client.create_domain(DomainName=domain, DefaultExpirationDays=366)
        if key is not None:
            client.update_domain(DomainName=domain, DefaultEncryptionKey=key)
        client.put_profile_object_type(DomainName=domain, **workload.object_type())


def _turns(sizes: Sizes) -> Iterator[tuple[str, str, float, int]]:
    """What is sent to which domain for how long, with which seed: 0 seconds warm it up. Who begins
    changes, since a database that has more in it is slower.
    """
    seeds = itertools.count()
    for kind in CONNECTIONS:
        for domain in KEYS:
            yield domain, kind, 0.0, next(seeds)
        for repetition in range(sizes.repetitions):
            print(f"… {kind}, {repetition + 1} of {sizes.repetitions}", flush=True)
            for domain in sorted(KEYS, reverse=repetition % 2 == 1):
                yield domain, kind, sizes.seconds, next(seeds)


def rows_of(findings: dict[str, Findings], sizes: Sizes) -> list[table.Row]:
    """All rows of the table."""
    rows = []
    for kind, name in (("put", "PutProfileObject"), ("search", "SearchProfiles")):
        clear, sealed = (findings[domain].outcomes[kind] for domain in (CLEAR, SEALED))
        pairs = list(zip(sealed, clear, strict=True))
        what = f"{name}, {CONNECTIONS[kind]} connections, {sizes.customers:,} profiles"
        rows += [
            _row(f"{what}, without a key: requests/s", [one.rate for one in clear]),
            _row("the same, with a key: requests/s", [one.rate for one in sealed]),
            _row(f"{kind}, rate with a key : without", [a.rate / b.rate for a, b in pairs], 2),
            _row(f"{kind}, p50 with a key : without", [a.p50 / b.p50 for a, b in pairs], 2),
            _row(f"{kind}, p99 with a key : without", [a.p99 / b.p99 for a, b in pairs], 2),
        ]
    imports = [findings[domain].imports[0] for domain in (CLEAR, SEALED)]
    what = f"import of {sizes.customers:,} objects"
    return [
        *rows,
        _row(f"{what} without a key: objects/s", imports[:1]),
        _row(f"{what} with a key: objects/s", imports[1:]),
    ]


def _row(what: str, values: list[float], digits: int = 0) -> table.Row:
    return table.Row(what, table.middle(values, "", digits))


if __name__ == "__main__":
    main()
