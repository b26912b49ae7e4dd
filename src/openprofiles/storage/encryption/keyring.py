"""Data keys in memory, for a bounded time: so that a key that is disabled is noticed, and KMS is
not asked for each request.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Generic, TypeVar

from openprofiles.core.settings import Settings
from openprofiles.storage.encryption.errors import KeyRefused
from openprofiles.storage.encryption.named_keys import DataKeyPair, NamedKeys, open_named_keys
from openprofiles.storage.encryption.sealed import IndexKey, ValueKey

K = TypeVar("K")
V = TypeVar("V")

MOST_KEPT = 5000
REFUSED_SECONDS = 5.0
"""For how long a key that could not be used is not tried again: KMS that does not answer must not
take all threads.
"""


class Keyring:
    """What unwraps data keys, and those that were unwrapped last."""

    def __init__(
        self, named_keys: NamedKeys, *, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._named_keys = named_keys
        self._keys: _Kept[tuple[int, int], ValueKey | IndexKey] = _Kept(seconds, clock)
        self._refused: _Kept[tuple[int, int], str] = _Kept(min(seconds, REFUSED_SECONDS), clock)
        self.places: _Kept[tuple[str, str], tuple[int, Mapping[str, object]]] = _Kept(
            seconds, clock
        )
        """Domains (account and name) that were sealed when they were last seen: id and state."""

    def find(self, domain_id: int, number: int) -> ValueKey | IndexKey | None:
        """A data key that is in memory."""
        return self._keys.find((domain_id, number))

    def unwrap(
        self,
        domain_id: int,
        number: int,
        *,
        named_key: str,
        wrapped: bytes,
        is_index: bool,
        context: Mapping[str, str],
    ) -> ValueKey | IndexKey:
        """Have a data key unwrapped, and keep it; raises KeyRefused."""
        place = (domain_id, number)
        reason = self._refused.find(place)
        if reason is not None:
            raise KeyRefused(reason)
        try:
            plain = self._named_keys.unwrap(named_key, wrapped, context)
        except KeyRefused as refusal:
            self._refused.put(place, str(refusal))
            raise
        key = IndexKey(plain) if is_index else ValueKey(number, plain)
        self._keys.put(place, key)
        return key

    def make(self, named_key: str, context: Mapping[str, str]) -> DataKeyPair:
        """A fresh data key; raises KeyRefused."""
        return self._named_keys.make_data_key(named_key, context)

    def rewrap(
        self, former: str, wrapped: bytes, named_key: str, context: Mapping[str, str]
    ) -> bytes:
        """A data key wrapped by another named key; raises KeyRefused."""
        plain = self._named_keys.unwrap(former, wrapped, context)
        return self._named_keys.wrap(named_key, plain, context)


def open_keyring(settings: Settings) -> Keyring:
    """The keyring of a service."""
    return Keyring(open_named_keys(settings), seconds=settings.data_key_seconds)


class _Kept(Generic[K, V]):
    """What was put in last, each for some seconds."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._lock = Lock()
        self._kept: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def find(self, name: K) -> V | None:
        found = self._kept.get(name)
        if found is None or found[0] <= self._clock():
            return None
        return found[1]

    def put(self, name: K, value: V) -> None:
        with self._lock:
            self._kept.pop(name, None)
            self._kept[name] = self._clock() + self._seconds, value
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
