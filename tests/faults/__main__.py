"""`make faults ARGS="--rounds 200"`: hurt a service again and again, and compare."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.faults.rounds import Outcome, endure
from tests.faults.stages import STAGES


def main() -> int:
    """Do what the arguments say; 1 when something does not fit."""
    parser = argparse.ArgumentParser(prog="make faults")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--stage", choices=sorted(STAGES), default="processes")
    parser.add_argument("--fault", action="append", help="only this one; may be given again")
    parser.add_argument("--clear", action="store_true", help="domains without a key")
    given = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="openprofiles-faults-") as name:
        outcome = endure(
            Path(name),
            stage=given.stage,
            rounds=given.rounds,
            seed=given.seed,
            say=_say,
            names=given.fault,
            encrypts=not given.clear,
        )
    _report(outcome, time.monotonic() - started)
    return 1 if outcome.failures else 0


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 (a person waits for it)


def _report(outcome: Outcome, seconds: float) -> None:
    _say("")
    _say("| fault | rounds | processes or connections hit |")
    _say("|---|---|---|")
    for name, count in sorted(outcome.faults.items()):
        _say(f"| {name.replace('_', ' ')} | {count} | {outcome.hits[name]} |")
    rounds = sum(outcome.faults.values())
    _say(f"| all | {rounds} | {sum(outcome.hits.values())} |")
    _say("")
    _say(f"{outcome.acknowledged} writes acknowledged, {outcome.in_doubt} without an answer")
    _say(f"{outcome.checks} comparisons, {seconds:.0f} s")
    for name, count in outcome.side.items():
        _say(f"{name}: {count}")
    for failure in outcome.failures[:50]:
        _say(f"FAILURE {failure}")


if __name__ == "__main__":
    sys.exit(main())
