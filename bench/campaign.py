"""All measurements in their order, on one data directory that grows on the way."""

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from bench import floor, floor_domain, importing, load, peer, workload
from bench.importing import Import
from bench.service import Service, serving
from openprofiles.storage.embedded import EmbeddedServer

SMALL, LARGE, FLOOR = "small", "large", "floor"
PUT_CONNECTIONS, SEARCH_CONNECTIONS = 16, 4
WARM_UP_SECONDS = 2.0
STARTS = 3
IDLE_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is loaded and how long is measured."""

    small: int
    large: int
    seconds: float
    repetitions: int


FULL = Sizes(small=10_000, large=1_000_000, seconds=15.0, repetitions=3)
QUICK = Sizes(small=500, large=2_000, seconds=2.0, repetitions=2)


@dataclass(slots=True)
class Findings:
    """What the measurements gave, repetition by repetition."""

    floor: list[float] = field(default_factory=list)
    puts: list[load.Outcome] = field(default_factory=list)
    searches: list[load.Outcome] = field(default_factory=list)
    large_puts: list[load.Outcome] = field(default_factory=list)
    large_searches: list[load.Outcome] = field(default_factory=list)
    peer: list[float] = field(default_factory=list)
    imports: list[Import] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)
    memory: list[dict[str, float]] = field(default_factory=list)


class Campaign:
    """One run of everything."""

    def __init__(self, folder: Path, sizes: Sizes) -> None:
        self._folder = folder
        self._data_dir = folder / "data"
        self._sizes = sizes
        self._seeds = itertools.count()
        self.findings = Findings()

    def run(self) -> Findings:
        """Measure everything; the database is embedded and commits are durable."""
        with EmbeddedServer(self._data_dir) as server:
            self._define(server.conninfo)
            self._import(server.conninfo, SMALL, self._sizes.small)
            self._measure_puts(server.conninfo)
            self.findings.imports.append(self._import(server.conninfo, LARGE, self._sizes.large))
            self._measure_large(server.conninfo)
        self._measure_starts()
        return self.findings

    def _define(self, conninfo: str) -> None:
        with serving(self._data_dir) as service:
            client = service.client()
            for domain in (SMALL, LARGE, FLOOR):
                client.create_domain(DomainName=domain, DefaultExpirationDays=366)
                client.put_profile_object_type(DomainName=domain, **workload.object_type())
        tidy(conninfo)

    def _import(self, conninfo: str, domain: str, objects: int) -> Import:
        _say(f"importing {objects:,} objects")
        path = self._folder / f"{domain}.jsonl"
        importing.write_objects(path, objects)
        found = importing.run(conninfo, self._data_dir, path, domain=domain, objects=objects)
        path.unlink()
        tidy(conninfo)
        return found

    def _measure_puts(self, conninfo: str) -> None:
        known = self._sizes.small
        with psycopg.connect(conninfo, autocommit=True) as connection:
            floor_domain.fill(connection, source=SMALL, target=FLOOR)
            tidy(conninfo)
            ground = floor.prepare(
                connection, conninfo, domain=FLOOR, known=known, folder=self._folder
            )
        with self._warm(SMALL, known) as service:
            for repetition in self._repetitions("puts and their floor"):
                del repetition
                self.findings.floor.append(
                    ground.rate(connections=PUT_CONNECTIONS, seconds=self._sizes.seconds)
                )
                self.findings.puts.append(self._put(service, SMALL, known))
            for repetition in self._repetitions("searches"):
                del repetition
                self.findings.searches.append(self._search(service, SMALL, known))

    def _measure_large(self, conninfo: str) -> None:
        known = self._sizes.large
        domain_id = _id_of(conninfo, LARGE)
        with self._warm(LARGE, known) as service:
            for repetition in self._repetitions("searches among many and their peer"):
                del repetition
                self.findings.peer.append(
                    peer.rate(
                        conninfo,
                        domain_id=domain_id,
                        known=known,
                        threads=SEARCH_CONNECTIONS,
                        seconds=self._sizes.seconds,
                    )
                )
                self.findings.large_searches.append(self._search(service, LARGE, known))
            for repetition in self._repetitions("puts among many"):
                del repetition
                self.findings.large_puts.append(self._put(service, LARGE, known))

    def _measure_starts(self) -> None:
        _say("starts")
        for _ in range(STARTS):
            with serving(self._data_dir) as service:
                self.findings.starts.append(service.started_in)
                time.sleep(IDLE_SECONDS)
                self.findings.memory.append(service.memory())

    @contextmanager
    def _warm(self, domain: str, known: int) -> Iterator[Service]:
        with serving(self._data_dir) as service:
            for kind in ("put", "search"):
                self._send(service, kind, domain, known, seconds=WARM_UP_SECONDS)
            yield service

    def _put(self, service: Service, domain: str, known: int) -> load.Outcome:
        return self._send(service, "put", domain, known, seconds=self._sizes.seconds)

    def _search(self, service: Service, domain: str, known: int) -> load.Outcome:
        return self._send(service, "search", domain, known, seconds=self._sizes.seconds)

    def _send(
        self, service: Service, kind: str, domain: str, known: int, *, seconds: float
    ) -> load.Outcome:
        return load.run(
            load.Order(
                kind=kind,
                port=service.port,
                domain=domain,
                known=known,
                seed=next(self._seeds),
                connections=PUT_CONNECTIONS if kind == "put" else SEARCH_CONNECTIONS,
                seconds=seconds,
            )
        )

    def _repetitions(self, what: str) -> Iterator[int]:
        for repetition in range(self._sizes.repetitions):
            _say(f"{what}, {repetition + 1} of {self._sizes.repetitions}")
            yield repetition


def tidy(conninfo: str) -> None:
    """What the database would do by itself a little later, so that it does not do it meanwhile."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("vacuum (analyze)")
        connection.execute("checkpoint")


def _id_of(conninfo: str, domain: str) -> int:
    query: Any = "select domain_id from domains where name = %s"
    with psycopg.connect(conninfo) as connection:
        [row] = connection.execute(query, [domain]).fetchall()
    return int(row[0])


def _say(text: str) -> None:
    print(f"… {text}", flush=True)
