"""Integrations: where the records of a domain come from (core reference §9, extended §14).

Rooms beside and above ask which integration a Uri names (`find`), which one takes the events of an
event integration (`find_event_integration`), and in which domains of an account an integration is
(`list_of_account`). A job worker pulls what is due (`schedules`), a command one run
(`run_one`).
"""

from openprofiles.features.integrations import connections, operations
from openprofiles.features.integrations.bringing import list_bringing
from openprofiles.features.integrations.integration import Integration
from openprofiles.features.integrations.jobs import schedules
from openprofiles.features.integrations.run import Run
from openprofiles.features.integrations.running import Machine, permits_of, run_one, work
from openprofiles.features.integrations.store.integrations import (
    find,
    find_event_integration,
    list_of_account,
)

OPERATIONS = (*operations.OPERATIONS, *connections.OPERATIONS)

__all__ = [
    "OPERATIONS",
    "Integration",
    "Machine",
    "Run",
    "find",
    "find_event_integration",
    "list_bringing",
    "list_of_account",
    "permits_of",
    "run_one",
    "schedules",
    "work",
]
