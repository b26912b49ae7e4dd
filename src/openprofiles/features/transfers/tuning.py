"""How a process is tuned while it takes batches of records."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

TURN_SECONDS = 0.0005

ALLOCATIONS = 1_000_000
"""More than the objects of all batches under way; garbage in cycles is looked for when so many have
been made and not given back.
"""


@contextmanager
def tuned_for_batches() -> Iterator[None]:
    """Look for garbage in cycles hardly ever, and let threads take turns sooner.

    A batch makes a hundred thousand objects and hardly a cycle, and looking through them again and
    again takes a quarter of the time. A thread whose answer has come from the database waits for
    the other one's turn to end, and its session of the database waits with it.

    Nothing is frozen (`gc.freeze`): that starts the count of new objects again, so where runs are
    looked for every few seconds the count never gets far enough, and no cycle is ever given back.
    """
    usual, turn = gc.get_threshold(), sys.getswitchinterval()
    gc.set_threshold(ALLOCATIONS, *usual[1:])
    sys.setswitchinterval(TURN_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(turn)
        gc.set_threshold(*usual)
