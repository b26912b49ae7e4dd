"""A job worker for tests that takes over at once what another one left.

worker.py CONNINFO KEY ACCOUNT
"""

import sys
from pathlib import Path

from openprofiles.app import run_jobs
from openprofiles.core.settings import from_environment
from openprofiles.features.integrations.running import working
from openprofiles.jobs import running, worker

sys.path.insert(0, str(Path(__file__).parent / "sources"))
running.TURN_SECONDS = 0.2
worker.POLL_SECONDS = 0.5
working.REST_SECONDS = 0.2
run_jobs(
    from_environment(
        database_url=sys.argv[1],
        secrets_key=sys.argv[2],
        account_id=sys.argv[3],
        integration_schedule="* * * * * *",
    )
)
