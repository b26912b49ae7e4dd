"""A job worker for tests that takes over at once what another one left: `worker.py CONNINFO`."""

import sys

from openprofiles.app import run_jobs
from openprofiles.core.settings import Settings
from openprofiles.jobs import running, worker

running.TURN_SECONDS = 0.2
worker.POLL_SECONDS = 0.5
run_jobs(Settings(database_url=sys.argv[1], resolution_schedule="* * * * * *"))
