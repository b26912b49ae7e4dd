"""`make fuzz ARGS="--requests 100000"`: send that many requests into a service, in process."""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openprofiles.app import client_of, open_application, wire_of
from openprofiles.core.settings import Settings
from tests.fuzz.requests import Case, case
from tests.fuzz.running import Outcome, run, say
from tests.fuzz.signing import signed_case
from tests.fuzz.world import make_world
from tests.wire.signed import checking

RENEWED_EACH = 500
"""Requests after which the world is made again, since some of them change it."""


def main() -> int:
    """Do what the arguments say; 1 when something is wrong."""
    parser = argparse.ArgumentParser(prog="make fuzz")
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--first", type=int, default=0, help="the number of the first request")
    given = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="openprofiles-fuzz-") as name:
        outcome = fuzz(Path(name), seed=given.seed, first=given.first, count=given.requests)
    _report(outcome, time.monotonic() - started)
    return 1 if outcome.failures else 0


def fuzz(folder: Path, *, seed: str, first: int, count: int) -> Outcome:
    """Send `count` requests, the last tenth of them to one that demands signatures."""
    settings = Settings(data_dir=folder / "data", buckets_url=f"file://{folder}")
    application = open_application(settings)
    try:
        client = client_of(application.wsgi, settings)
        wire = wire_of(application.invoke, settings)
        world = make_world(client)

        def cases() -> Iterator[Case]:
            for number in range(first, first + count - count // 10):
                if number % RENEWED_EACH == 0:
                    world.update(make_world(client))
                yield case(seed, number, world)

        outcome = run(wire, cases(), each=_tell(count))
        signed, _ = checking(auth_failures_per_minute=10**9)
        last = range(first + count - count // 10, first + count)
        checked = run(signed, (_perhaps_signed(seed, number, world) for number in last))
    finally:
        application.close()
    outcome.statuses += checked.statuses
    outcome.failures += checked.failures
    outcome.slowest = max(outcome.slowest, checked.slowest)
    return outcome


def _perhaps_signed(seed: str, number: int, world: Any) -> Case:
    one = case(seed, number, world)
    return signed_case(one, seed) if number % 3 else one


def _tell(count: int) -> Any:
    def tell(done: int) -> None:
        if done % max(count // 20, 1000) == 0:
            say(f"{done} of {count}")

    return tell


def _report(outcome: Outcome, seconds: float) -> None:
    total = sum(outcome.statuses.values())
    say(f"{total} requests to {len(outcome.operations)} operations in {seconds:.0f} s")
    say("answers: " + ", ".join(f"{code}: {n}" for code, n in sorted(outcome.statuses.items())))
    say(f"slowest: {outcome.slowest[0]:.2f} s, {outcome.slowest[1]}")
    say("memory in MB: " + ", ".join(f"{megabytes:.0f}" for megabytes in outcome.memory[::5]))
    for failure in outcome.failures[:40]:
        say(f"FAILURE {failure}")
    say(f"{len(outcome.failures)} failures")


if __name__ == "__main__":
    sys.exit(main())
