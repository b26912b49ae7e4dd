"""How a child process ends with its parent, also when the parent is killed and cannot say so, and
what is said of one that ended otherwise.
"""

import ctypes
import os
import signal
import sys
import threading
import time

PR_SET_PDEATHSIG = 1
WATCH_SECONDS = 0.5

WHO_KILLS = "by somebody, or by the system because memory ran out"


def die_with_parent(parent: int) -> None:
    """From now on this process is killed when the process `parent`, which started it, is gone."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    else:  # pragma: no cover (other systems do not tell, so we ask)
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    # It may have died just before we asked to be told.
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)  # pragma: no cover (nobody is left to tell)


def how_it_ended(code: int | None) -> str:
    """What the exit code of a process says of its end, for the log."""
    if code is None:
        return "ended, nobody knows how"
    if code >= 0:
        return f"ended with {code}"
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
    return f"was ended by {name}" + (f" ({WHO_KILLS})" if name == "SIGKILL" else "")


def _watch(parent: int) -> None:  # pragma: no cover (see above)
    while os.getppid() == parent:
        time.sleep(WATCH_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)
