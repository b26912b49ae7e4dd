"""`make soak ARGS="--minutes 60"`: many connections for a long time."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.fuzz.running import say
from tests.soak.soaking import Crowd, soak


def main() -> int:
    """Do what the arguments say; 1 when a caller was treated badly."""
    parser = argparse.ArgumentParser(prog="make soak")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--idle", type=int, default=500)
    parser.add_argument("--busy", type=int, default=200)
    parser.add_argument("--pause", type=float, default=4.0, help="seconds after each busy answer")
    parser.add_argument("--slow-bodies", type=int, default=0)
    parser.add_argument("--visitors", type=int, default=2, help="people at the console")
    given = parser.parse_args()
    crowd = Crowd(
        idle=given.idle,
        busy=given.busy,
        pause=given.pause,
        slow_bodies=given.slow_bodies,
        visitors=given.visitors,
    )
    with tempfile.TemporaryDirectory(prefix="openprofiles-soak-") as name:
        outcome = soak(
            Path(name), seconds=given.minutes * 60, seed=given.seed, crowd=crowd, say=say
        )
    for who, seen in sorted(outcome.seen.items()):
        times = ", ".join(
            f"p{percent} {seen.percentile(percent):.0f} ms" for percent in (50, 95, 99)
        )
        say(f"{who}: {dict(seen.statuses)}; {times}")
    for name, looks in outcome.memory.items():
        say(
            f"{name}: {looks[0]:.0f} MB at first, {max(looks):.0f} at most, {looks[-1]:.0f} at"
            f" last, {outcome.slope(name):+.1f} MB an hour"
        )
    say(f"processes that were started anew: {', '.join(outcome.anew) or 'none'}")
    say(f"errors in the log: {len(outcome.log_errors)}")
    for line in [*outcome.log_errors[:10], *outcome.problems]:
        say(line)
    bad = {
        status
        for who in ("honest", "visitor")
        for status in outcome.seen[who].statuses.keys() - {"200", "429"}
    }
    return 1 if bad or outcome.anew or outcome.problems else 0


if __name__ == "__main__":
    sys.exit(main())
