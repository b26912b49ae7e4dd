"""Which processor each web worker keeps to (docs/adr/0041-workers-keep-to-a-processor.md).

Of the threads of an interpreter one runs at a time. Where the system moves them between processors,
each of them finds what it needs in the caches of another.
"""

import os
import sys
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def available() -> list[int]:
    """The numbers of the processors that this process may use; none where nobody can choose."""
    return sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else []


def processor_of(number: int, *, workers: int, processors: list[int]) -> int | None:
    """The processor for a worker, by its number from 0; None when it may use any.

    Workers are kept apart when they occupy the whole machine. When there are fewer, another
    service may have been kept to the same processor, while others are idle.
    """
    if workers < len(processors) or len(processors) < 2:
        return None
    return processors[number % len(processors)]


def kept_to(processor: int, load: Callable[[], T]) -> T:
    """What `load` returns in a process that has one thread, and keeps to a processor from now on:
    so will all threads that it starts.
    """
    if sys.platform != "linux":
        raise AssertionError("Of no processors none was chosen")
    os.sched_setaffinity(0, {processor})
    return load()
