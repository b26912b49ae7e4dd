"""A worker process for tests: `process.py NAME CONNINFO hangs|works`, one tick a second."""

import sys
import time

import psycopg

from openprofiles import jobs
from openprofiles.jobs import running, worker

running.TURN_SECONDS = 0.2
worker.POLL_SECONDS = 0.5
name, conninfo, behaviour = sys.argv[1:]


def say(word: str, at: object) -> str:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("insert into said values (%s, %s, %s)", [name, word, at])
    return word


def work(tick: jobs.Tick) -> None:
    first = tick.step("first", say, "first", tick.at)
    if behaviour == "hangs":
        time.sleep(600)
    tick.step("second", say, f"second after {first}", tick.at)


jobs.run(
    conninfo,
    [jobs.Schedule("talk", "* * * * * *", work)],
    ready=lambda: print("ready", flush=True),  # noqa: T201 (the test waits for it)
)
