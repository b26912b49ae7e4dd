"""What the job worker does for encryption, a row at a time: `worker.py CONNINFO KEYS`.

It says each time that it has done a batch, so that whoever wants to kill it knows when.
"""

import sys
from typing import Any

from openprofiles.app import open_application
from openprofiles.core.operation import Answer, Caller
from openprofiles.core.ourselves import ourselves
from openprofiles.core.settings import Settings
from openprofiles.features import encryption
from openprofiles.features.encryption import continuing
from openprofiles.features.profiles.store import turning

continuing.ROWS_AT_ONCE = turning.PROFILES_AT_ONCE = 1
settings = Settings(database_url=sys.argv[1], encryption_keys=sys.argv[2])
application = open_application(settings)


def invoke(name: str, parameters: Any, caller: Caller) -> Answer:
    """As the service does, and say so."""
    answer = application.invoke(name, parameters, caller)
    sys.stdout.write("done\n")
    sys.stdout.flush()
    return answer


encryption.work_off(invoke, ourselves(settings, "encryption"))
