"""What one can see of the running service from outside: health, metrics, logs.

A floor of its own beside the wire, because it watches the wire: `Watched` stands around the WSGI
application, answers `/metrics` and `/_openprofiles/v1/health` itself, and counts, times and logs
all that goes through. It knows no feature; what it needs of the storage it gets as functions.
"""

from openprofiles.observing.counted import counted, counted_runs
from openprofiles.observing.health import Health
from openprofiles.observing.logs import configure_logs
from openprofiles.observing.metrics import Metrics, forget_process
from openprofiles.observing.watched import Watched

__all__ = [
    "Health",
    "Metrics",
    "Watched",
    "configure_logs",
    "counted",
    "counted_runs",
    "forget_process",
]
