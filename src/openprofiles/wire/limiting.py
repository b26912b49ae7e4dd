"""How often something may happen: token buckets in memory, of a bounded number of names.

A library of rate limits (`limits` is the well-kept one) counts in windows and keeps its names until
a thread of it forgets them; here names come from strangers, so they must not pile up.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

MOST_NAMES = 10_000


class TokenBuckets:
    """A bucket for each name: full at first, then a token less each time, and refilled steadily.

    Of too many names the one is forgotten that was used longest ago, which fills its bucket.
    """

    def __init__(
        self,
        *,
        burst: float,
        per_second: float,
        most_names: int = MOST_NAMES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._burst = burst
        self._per_second = per_second
        self._most_names = most_names
        self._clock = clock
        self._lock = Lock()
        self._levels: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def is_empty(self, name: Hashable) -> bool:
        """Whether there is no token for `name` now."""
        if name not in self._levels:
            return False
        with self._lock:
            return self._level(name) < 1

    def take(self, name: Hashable) -> bool:
        """Take a token; whether there was one."""
        with self._lock:
            level = self._level(name)
            there_was = level >= 1
            self._levels[name] = (level - 1 if there_was else level, self._clock())
            self._levels.move_to_end(name)
            if len(self._levels) > self._most_names:
                self._levels.popitem(last=False)
            return there_was

    def _level(self, name: Hashable) -> float:
        known = self._levels.get(name)
        if known is None:
            return self._burst
        level, at = known
        return min(self._burst, level + (self._clock() - at) * self._per_second)
