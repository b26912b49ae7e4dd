"""Domains whose keys are set, renewed, changed and removed under load, and who does the work killed
amid it.
"""

import random
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg

from openprofiles.core.errors import InternalServer
from openprofiles.features.encryption.tables import TABLES
from openprofiles.storage.encryption import cipher_of
from tests.acceptance.first_key import Key, first_key
from tests.acceptance.service import PATIENCE_SECONDS, Service, wait_until
from tests.faults import injuring
from tests.faults.injuring import Fault, wait_until_whole
from tests.faults.ledger import reading
from tests.faults.world import MAIN, OWN, RULED, Http, Unclear, Wrong, path_of

WORKERS = 2
STILL_SECONDS = 120.0
"""How long it may be that nobody goes on; the job worker looks every 15 seconds."""

TIMES = 2
"""That who goes on is killed, if there is so much to do."""

WRITTEN = r"\mc\d-\d-\d+\M|\mshared\d+\M|@example\.com"
"""Finds what the writers write, in a row as text."""
SEALED = r"\\u0001|" + "\x01"
TABLES_OF_DOMAINS = (
    "select table_name from information_schema.columns"
    " where table_schema = 'public' and column_name = 'domain_id'"
)


class Turning:
    """Faults of one service: each changes the keys of both domains, kills while that is done, and
    waits until it is done.
    """

    def __init__(self, conninfo: Callable[[], str], keys: Path) -> None:
        """`conninfo` leads to the database, `keys` is the folder of the keys."""
        self._conninfo = conninfo
        self._keys = keys
        self._key: Key | None = None
        self._number = 0
        self._problems: list[str] = []

    @property
    def faults(self) -> Mapping[str, Fault]:
        """Each kill, of those who change a domain when they begin, or of those who go on."""
        at_once = (
            injuring.kill_web_workers,
            injuring.terminate_web_worker,
            injuring.terminate_sessions,
            injuring.kill_postmaster,
            injuring.kill_all_and_start,
        )
        later = (injuring.kill_job_worker, injuring.terminate_job_worker, injuring.kill_postmaster)
        return {
            **{f"{kill.__name__}_who_changes_keys": self._fault(kill) for kill in at_once},
            **{
                f"{kill.__name__}_who_seals_anew": self._fault(kill, goes_on=True) for kill in later
            },
        }

    def problems(self) -> list[str]:
        """What does not fit, since it was last asked."""
        found, self._problems = self._problems, []
        return found

    def _fault(self, kill: Fault, *, goes_on: bool = False) -> Fault:
        def hurt(service: Service, lot: random.Random) -> int:
            self._key = self._key or first_key(service.introduction)
            asking = [
                threading.Thread(
                    target=self._change, args=(service.port, *self._choose(domain, lot))
                )
                for domain in (MAIN, RULED)
            ]
            for each in asking:
                each.start()
            # A small domain may be done before anybody sees that something was to do.
            wait_until(lambda: any(self._waiting()) or not any(each.is_alive() for each in asking))
            hits = 0
            if not goes_on:
                hits += self._kill(kill, service, lot)
            for each in asking:
                each.join()
            for _ in range(TIMES if goes_on else 0):
                self._wait_for_the_job_worker()
                hits += self._kill(kill, service, lot)
            wait_until_whole(service, WORKERS)
            self._finish()
            return hits

        return hurt

    def _kill(self, kill: Fault, service: Service, lot: random.Random) -> int:
        """At some moment, unless all is done by then."""
        time.sleep(lot.uniform(0.0, 0.4))
        return kill(service, lot) if self._waiting() else 0

    def _choose(self, domain: str, lot: random.Random) -> tuple[str, str, dict[str, str]]:
        """A request that changes the keys of a domain."""
        self._number += 1
        another = {"DefaultEncryptionKey": f"alias/faults-{self._number}"}
        give_another = ("PUT", path_of(domain), another)
        _, named, _ = self._domain(domain)
        if named is None:
            return give_another
        return lot.choice([
            give_another,
            ("PUT", path_of(domain), {"DefaultEncryptionKey": ""}),
            ("POST", f"{OWN}{path_of(domain, '/encryption/rotate')}", {}),
        ])  # fmt: skip

    def _change(self, port: int, method: str, path: str, body: dict[str, str]) -> None:
        with closing(Http(port, self._key, timeout=STILL_SECONDS)) as http:
            try:
                http.call(method, path, body)
            except Unclear:
                # Whoever did it was killed; what became of it is read from the domain.
                return
            except Wrong as error:
                self._problems.append(f"{method} {path}: {error}")

    def _waiting(self) -> list[tuple[Any, ...]]:
        """How far the domains are that are not sealed anew yet."""
        return self._rows("select domain_id, position, rows from encryption_work")

    def _wait_for_the_job_worker(self) -> None:
        """Nobody else goes on by now; until it has, or all is done."""
        seen = self._waiting()
        wait_until(lambda: not seen or self._waiting() != seen)

    def _finish(self) -> None:
        """Wait until all is sealed anew, and look at it."""
        before, since = self._waiting(), time.monotonic()
        while before:
            time.sleep(0.1)
            now = self._waiting()
            if now != before:
                before, since = now, time.monotonic()
            elif time.monotonic() - since > STILL_SECONDS:
                self._problems.append(f"it does not go on: {before}")
                return
        for domain in (MAIN, RULED):
            self._look(domain)

    def _look(self, domain: str) -> None:
        domain_id, named, state = self._domain(domain)
        keys = self._rows("select number from data_keys where domain_id = %s", domain_id)
        kept = {number for (number,) in keys}
        wanted = {state[name] for name in ("values", "index") if name in state}
        if kept != wanted or len(wanted) != (0 if named is None else 2) or state.get("is_turning"):
            self._problems.append(f"{domain}, key {named}: state {state}, data keys {kept}")
        pattern = SEALED if named is None else WRITTEN
        for (table,) in self._rows(TABLES_OF_DOMAINS):
            [(count,)] = self._rows(
                f"select count(*) from {table} as item where domain_id = %s and item::text ~ %s",
                domain_id,
                pattern,
            )
            if count:
                self._problems.append(f"{domain}, key {named}: {count} rows of {table} are not so")
        self._open_all(domain_id)

    def _open_all(self, domain_id: int) -> None:
        """Whatever is sealed besides profiles can be opened; those are compared value by value."""
        with reading(self._conninfo(), self._keys) as transaction:
            cipher = cipher_of(transaction, domain_id)
            for table in TABLES if cipher is not None else ():
                assert cipher is not None
                columns = ", ".join((*table.key, *table.others, *table.columns))
                for row in transaction.rows(
                    f"select {columns} from {table.name} where domain_id = %s", [domain_id]
                ):
                    try:
                        table.seal(cipher, row)
                    except InternalServer as error:
                        self._problems.append(f"{table.name} {row[0]}: {error}")

    def _domain(self, name: str) -> tuple[int, str | None, dict[str, Any]]:
        """Its number, the key that it names, and how it seals."""
        [(domain_id, named, state)] = self._rows(
            "select domain_id, configuration ->> 'DefaultEncryptionKey', encryption from domains"
            " where name = %s",
            name,
        )
        return domain_id, named, state or {}

    def _rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """What a query finds, once there is a database."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                with psycopg.connect(self._conninfo(), autocommit=True) as connection:
                    return connection.execute(query.encode(), parameters or None).fetchall()
            except (OSError, psycopg.OperationalError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
