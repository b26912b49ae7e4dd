"""What clients were told, and whether the database agrees."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from openprofiles.core.settings import Settings
from openprofiles.storage.database import Database, Transaction
from openprofiles.storage.encryption import cipher_of, open_keyring
from tests.faults.world import MAIN, RULED
from tests.invariants import broken_rules, orphans
from tests.opened import opened_rows

SEALED = (("journal", "entry_id", "detail"), ("profiles", "profile_id", "fields"))
"""What rules look into that may be sealed: table, id, column."""


@dataclass(slots=True)
class Thing:
    """What one thing is: as it was acknowledged last, or as it may be since."""

    states: list[Any] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    @property
    def is_sure(self) -> bool:
        """Whether it must be there in one known state."""
        return len(self.states) == 1


class Ledger:
    """The notes of all writers, read as they grow."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._places: dict[Path, int] = {}
        self.things: dict[str, Thing] = {}
        self.wrong: list[str] = []
        self.acknowledged = 0
        self.in_doubt = 0

    def read(self) -> None:
        """Take in what the writers have noted since."""
        for path in sorted(self._folder.glob("*.log")):
            with path.open() as file:
                file.seek(self._places.get(path, 0))
                for line in file:
                    self._take(json.loads(line))
                self._places[path] = file.tell()

    def of(self, kind: str) -> dict[str, Thing]:
        """The things of a kind by their names."""
        start = f"{kind}/"
        return {
            about.removeprefix(start): thing
            for about, thing in self.things.items()
            if about.startswith(start)
        }

    def _take(self, note: dict[str, Any]) -> None:
        if note["about"] == "wrong":
            self.wrong.append(note["state"])
            return
        thing = self.things.setdefault(note["about"], Thing())
        if note["request"] is None:
            self.in_doubt += 1
            # Without an earlier one it may not be there at all.
            thing.states = [*(thing.states or [None]), note["state"]]
        else:
            self.acknowledged += 1
            thing.states = [note["state"]]
            thing.requests.append(note["request"])


TABLES = "select tablename from pg_tables where schemaname = 'public'"


class Check:
    """Compares a ledger with a database at rest; `failures` says what does not fit."""

    def __init__(self, ledger: Ledger, conninfo: str, keys: Path) -> None:
        """`keys` is the folder with the keys of encrypted domains."""
        self._ledger = ledger
        self._conninfo = conninfo
        self._keys = keys
        self.failures: list[str] = []

    def run(self, *, thoroughly: bool) -> list[str]:
        """What does not fit; `thoroughly` looks for broken rules in all tables, too."""
        self.failures = [f"wrong answer: {text}" for text in self._ledger.wrong]
        with (
            psycopg.connect(self._conninfo, autocommit=True) as self._connection,
            reading(self._conninfo, self._keys) as self._transaction,
        ):
            # Whole tables are compared, of which the planner may have no statistics yet. Not those
            # of the queue: a service that starts may be making their indexes concurrently, which
            # waits for this session as this one would for it.
            self._connection.execute("set work_mem = '256MB'")
            for (table,) in self._rows(TABLES):
                self._connection.execute(sql.SQL("analyze {}").format(sql.Identifier(table)))
            for type_name in ("Account", "Visit"):
                self._check_objects(type_name)
            self._check_shared_keys()
            self._check_profiles()
            self._check_rejected()
            if thoroughly:
                self._check_journal()
                # One state for all rules, since an import may be going on.
                self._connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
                with self._connection.transaction():
                    self._open_all()
                    self.failures += broken_rules(self._rows, journal=True) + orphans(self._rows)
        return self.failures

    def _open_all(self) -> None:
        """Put what is sealed in front of the rules as it was written: in tables of this session,
        which hide those of the same name.
        """
        for table, entry, column in SEALED:
            sealed = self._rows(
                f"select domain_id, {entry}, {column} from public.{table}"
                f" where jsonb_typeof({column}) = 'string'"
            )
            self._connection.execute(
                f"create temp table {table} as table public.{table};"
                " create temp table opened (domain_id int, entry uuid, value jsonb)".encode()
            )
            with self._connection.cursor().copy("copy opened from stdin") as copy:
                for domain_id, name, value in sealed:
                    cipher = cipher_of(self._transaction, domain_id)
                    assert cipher is not None
                    opened = cipher.open(value, f"{table}/{name.hex}")
                    copy.write_row((domain_id, name, json.dumps(opened)))
            self._connection.execute(
                f"update {table} as item set {column} = opened.value from opened where"
                f" item.domain_id = opened.domain_id and item.{entry} = opened.entry;"
                f" drop table opened; analyze {table}".encode()
            )

    def _rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        return self._connection.execute(query.encode(), parameters or None).fetchall()

    def _expect(self, about: str, states: list[Any], found: Any) -> None:
        if found not in states:
            self.failures.append(f"{about}: acknowledged {states}, found {found}")

    def _opened(
        self, table: str, columns: str, where: str, *parameters: Any
    ) -> list[tuple[Any, ...]]:
        """Rows of the main domain as they were written."""
        return _opened(self._transaction, MAIN, table, columns, where, *parameters)

    def _check_objects(self, type_name: str) -> None:
        columns = "object_type, unique_key, document"
        rows = self._opened("profile_objects", columns, "object_type = %s", type_name)
        stored = [json.loads(document) for _, _, document in rows]
        found = {document["id"]: document for document in stored}
        if len(found) != len(stored):
            self.failures.append(f"{type_name}: an object is there twice")
        things = self._ledger.of(type_name)
        for name, thing in things.items():
            self._expect(f"{type_name} {name}", thing.states, found.get(name))
        self.failures += [f"{type_name} {name}: nobody put it" for name in found.keys() - things]

    def _check_shared_keys(self) -> None:
        rows = self._rows(
            "select value, count(distinct profile_id) from profile_keys join domains"
            " using (domain_id) where domains.name = %s and key_name = 'visitMail'"
            " group by 1 having count(distinct profile_id) > 1",
            MAIN,
        )
        self.failures += [f"key value {value} is on {count} profiles" for value, count in rows]

    def _check_profiles(self) -> None:
        ids = list(self._ledger.of("profile"))
        of_ours = "profile_id = any(%s::uuid[])"
        held: dict[str, set[str]] = {}
        columns = "key_name, value, profile_id"
        named = f"key_name in ('visitMail', '_profileId') and {of_ours}"
        for _, value, profile in self._opened("profile_keys", columns, named, ids):
            held.setdefault(profile, set()).add(value)
        found = {
            profile: (fields.get("LastName"), held.get(profile, set()))
            for profile, fields in self._opened("profiles", "profile_id, fields", of_ours, ids)
        }
        homes = {value: profile for profile, (_, values) in found.items() for value in values}
        for profile, thing in self._ledger.of("profile").items():
            fits = [self._fits(profile, state, found, homes) for state in thing.states]
            if not any(fits):
                self.failures.append(
                    f"profile {profile}: acknowledged {thing.states}, found {found.get(profile)}"
                )

    def _fits(self, profile: str, state: Any, found: dict[str, Any], homes: dict[str, str]) -> bool:
        if state is None or "into" in state:
            if profile in found:
                return False
            return state is None or self._is_at_home(profile, state["into"], homes)
        name, values = found.get(profile, (None, set()))
        return name == state["LastName"] and (state["key"] is None or state["key"] in values)

    def _is_at_home(self, profile: str, main: str, homes: dict[str, str]) -> bool:
        """Whether the id of a merged profile finds what it was merged into, if that is there."""
        seen = {profile}
        while main not in seen:
            seen.add(main)
            states = self._ledger.things[f"profile/{main}"].states
            if len(states) > 1 or states[0] is None:
                return True
            if "into" not in states[0]:
                break
            main = states[0]["into"]
        return homes.get(profile) == main

    def _check_rejected(self) -> None:
        rows = self._opened("rejected_objects", "rejection_id, document", "true")
        found = Counter(json.loads(document)["id"] for _, document in rows)
        for name, thing in self._ledger.of("rejected").items():
            expected = [1] if thing.is_sure else [0, 1]
            self._expect(f"rejected {name}", expected, found.get(name, 0))

    def _check_journal(self) -> None:
        """Each acknowledged put is in the journal once, under the id that its caller was given."""
        counts = self._rows(
            "select request_id, subject, count(*) from journal join domains using (domain_id)"
            " where domains.name = %s and kind = 'object.put' group by 1, 2",
            MAIN,
        )
        columns, ours = "object_type, unique_key, document", "object_type in ('Account', 'Visit')"
        names = {
            f"{object_type}/{bytes(key).hex()}": json.loads(document)["id"]
            for object_type, key, document in self._opened("profile_objects", columns, ours)
        }
        said = {
            (request, names[subject]): count
            for request, subject, count in counts
            if subject in names
        }
        for kind in ("Account", "Visit"):
            for name, thing in self._ledger.of(kind).items():
                if not thing.is_sure or thing.states[0] is None:
                    continue
                for request in thing.requests:
                    self._expect(f"journal of {kind} {name}", [1], said.get((request, name), 0))


def unmerged_pairs(ledger: Ledger, conninfo: str, keys: Path) -> int:
    """How many acknowledged pairs are not one profile yet, as the rule has it."""
    sure = [mail for mail, thing in ledger.of("pair").items() if thing.states == ["other"]]
    with reading(conninfo, keys) as transaction:
        rows = _opened(transaction, RULED, "profiles", "profile_id, fields", "true")
    found = Counter(fields.get("EmailAddress") for _, fields in rows)
    return sum(1 for mail in sure if found[mail] != 1)


@contextmanager
def reading(conninfo: str, keys: Path) -> Iterator[Transaction]:
    """A transaction that opens what is sealed under the keys in a folder."""
    with closing(Database(conninfo, connections=1)) as database:
        database.keyring = open_keyring(Settings(encryption_keys=str(keys)))
        with database.reading() as transaction:
            yield transaction


def _opened(
    transaction: Transaction, domain: str, table: str, columns: str, where: str, *parameters: Any
) -> list[tuple[Any, ...]]:
    """Rows of a domain as they were written, also if it is encrypted."""
    query = (
        f"select domain_id, {columns} from {table} where domain_id ="
        f" (select domain_id from domains where name = %s) and {where}"
    )
    rows = transaction.rows(query, [domain, *parameters])
    return opened_rows(transaction, table, columns, rows)
