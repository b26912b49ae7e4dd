"""What the collector of garbage in cycles is told."""

import gc


def set_apart() -> None:
    """Let it never look again at what is there now, since it stays; and count from here.

    It looks through everything only when what is new is a quarter of what it looked through last
    time. Were that all that a program loads, garbage would lie about for an hour.
    """
    gc.collect()
    gc.freeze()
    gc.collect()
