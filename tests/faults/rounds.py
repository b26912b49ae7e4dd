"""Rounds: load, a fault, load, rest, compare. Seeded, so that a round can be done again."""

import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from openprofiles.app import open_application
from openprofiles.core.ourselves import ourselves
from openprofiles.core.settings import Settings
from openprofiles.features import rules
from tests.acceptance.first_key import first_key
from tests.acceptance.service import wait_until
from tests.faults.injuring import wait_until_whole
from tests.faults.ledger import Check, unmerged_pairs
from tests.faults.load import Clients, clients
from tests.faults.side_work import LINES, SideWork
from tests.faults.stages import STAGES, Stage
from tests.faults.world import Http, prepare

WORKERS = 2
THOROUGH_EACH = 10
"""Rounds after which all tables are looked at."""

SLOW_SECONDS = 10
LOG_SHOWN = 3

Say = Callable[[str], None]


@dataclass(slots=True)
class Outcome:
    """What was done and what came of it."""

    faults: Counter[str] = field(default_factory=Counter)
    hits: Counter[str] = field(default_factory=Counter)
    checks: int = 0
    acknowledged: int = 0
    in_doubt: int = 0
    side: dict[str, int] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)


def endure(
    folder: Path,
    *,
    stage: str = "processes",
    rounds: int,
    seed: int,
    say: Say,
    names: list[str] | None = None,
    lines: int = LINES,
    encrypts: bool = True,
    hurries: bool = False,
) -> Outcome:
    """Hurt a service in `folder`, which asks for signatures, `rounds` times, compare after each;
    stops at the first round with a failure. With `encrypts` its domains have a key. Who `hurries`
    does what rules have left at the end, for which the service itself may take a minute.
    """
    buckets = folder / "buckets"
    options = (
        *("--workers", str(WORKERS), "--buckets-url", f"file://{buckets}"),
        *("--resolution-schedule", "*/2 * * * * *"),
        *("--integration-poll-seconds", "1", "--log-level", "warning", "--auth", "sigv4"),
    )
    with STAGES[stage](folder, options) as opened:
        opened.service.start()
        try:
            port, key = opened.service.port, first_key(opened.service.introduction)
            with closing(Http(port, key)) as http:
                prepare(http, buckets, encrypts=encrypts)
            with (
                closing(SideWork(opened, key, buckets, folder, lines)) as side,
                clients(port, key, folder / "notes", seed=seed) as load,
            ):
                return _Run(opened, load, side, random.Random(seed), say, hurries).run(
                    rounds, names
                )
        finally:
            opened.service.end()


@dataclass(slots=True)
class _Run:
    stage: Stage
    load: Clients
    side: SideWork
    lot: random.Random
    say: Say
    hurries: bool
    outcome: Outcome = field(default_factory=Outcome)

    def run(self, rounds: int, names: list[str] | None) -> Outcome:
        outcome, ledger = self.outcome, self.load.ledger
        for number in range(1, rounds + 1):
            name, began = self.lot.choice(names or list(self.stage.faults)), time.monotonic()
            self._round(name)
            self._compare(thoroughly=number % THOROUGH_EACH == 0 or number == rounds)
            took = time.monotonic() - began
            if number % THOROUGH_EACH == 0 or outcome.failures or took > SLOW_SECONDS:
                self.say(
                    f"round {number}: {name}, {took:.0f} s; {ledger.acknowledged} acknowledged,"
                    f" {ledger.in_doubt} in doubt, {len(outcome.failures)} failures"
                )
            if outcome.failures:
                self.say(self._errors())
                break
        self.load.stop()
        outcome.acknowledged, outcome.in_doubt = ledger.acknowledged, ledger.in_doubt
        if not outcome.failures:
            outcome.side, problems = self.side.finish()
            self._wait_for_rules()
            self._compare(thoroughly=True)
            outcome.failures += problems
        return outcome

    def _round(self, name: str) -> None:
        self.load.go()
        self.side.go_on()
        time.sleep(self.lot.uniform(0.1, 0.5))
        self.outcome.faults[name] += 1
        self.outcome.hits[name] += self.stage.faults[name](self.stage.service, self.lot)
        wait_until_whole(self.stage.service, WORKERS)
        time.sleep(self.lot.uniform(0.1, 0.3))
        self.load.pause()

    def _compare(self, *, thoroughly: bool) -> None:
        check = Check(self.load.ledger, self.stage.conninfo(), self.stage.keys)
        self.outcome.failures += check.run(thoroughly=thoroughly) + self.stage.problems()
        self.outcome.checks += 1

    def _errors(self) -> str:
        """The last requests in the service's log that failed for a reason that nobody expected."""
        lines = self.stage.service.log.read_text().splitlines()
        return "\n".join([line for line in lines if " failed: " in line][-LOG_SHOWN:])

    def _apply_rules(self, conninfo: str, keys: Path) -> None:
        settings = Settings(database_url=conninfo, encryption_keys=str(keys))
        with closing(open_application(settings)) as application:
            rules.work_off(application.invoke, ourselves(settings, "rules"))

    def _wait_for_rules(self) -> None:
        """The rule merges each pair in the end."""
        ledger, place = self.load.ledger, (self.stage.conninfo(), self.stage.keys)
        self.outcome.side["pairs that a rule merged"] = len(ledger.of("pair"))
        if self.hurries:
            self._apply_rules(*place)
        try:
            wait_until(lambda: unmerged_pairs(ledger, *place) == 0)
        except AssertionError:
            left = unmerged_pairs(ledger, *place)
            self.outcome.failures.append(f"{left} pairs were not merged by the rule")
