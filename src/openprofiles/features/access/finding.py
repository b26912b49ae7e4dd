"""How web workers find the key that a request says it is signed with, without asking each time."""

import logging
import re
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from threading import Lock
from typing import Final, Generic, TypeVar

from openprofiles.core.clock import Clock, system_clock
from openprofiles.core.credentials import AccessKey, KeyExpired
from openprofiles.core.errors import InternalServer
from openprofiles.core.policies import InvalidPolicy, Policy, read
from openprofiles.core.settings import Settings
from openprofiles.features.access.builtin import BUILT_IN
from openprofiles.features.access.key import Key, unseal
from openprofiles.features.access.store import keys
from openprofiles.storage.database import Database
from openprofiles.storage.sealing import Seal, Unsealable, open_seal

MOST_KNOWN = 10_000
MOST_UNKNOWN = 1_000
"""Ids that are remembered to be of no key: few, since whoever asks may make them up."""

_ID: Final = re.compile(r"[A-Z0-9]{16,128}", re.ASCII)

T = TypeVar("T")

logger = logging.getLogger(__name__)

_Found = tuple[AccessKey, datetime | None]
"""A key, and when it expires."""


class KeyFinder:
    """A FindAccessKey that asks the database once in `access_key_cache_seconds` for each key.

    So a key that is disabled, deleted or given other policies is as it was for that long, on each
    worker. The end of a temporary key is exact.
    """

    def __init__(
        self,
        database: Database,
        settings: Settings,
        clock: Clock = system_clock,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        """Raises CannotStart when the keys of secrets cannot be read."""
        self._database = database
        self._seal = open_seal(settings)
        self._clock = clock
        self._known = _Memory[_Found](MOST_KNOWN, settings.access_key_cache_seconds, timer)
        self._unknown = _Memory[bool](MOST_UNKNOWN, settings.access_key_cache_seconds, timer)

    def __call__(self, access_key_id: str) -> AccessKey | None:
        """The key with this id, if it may sign now; KeyExpired when a temporary one is over.

        Raises InternalServer when the secret cannot be read, and DatabaseUnavailable.
        """
        if not _ID.fullmatch(access_key_id) or self._unknown.find(access_key_id):
            return None
        found = self._known.find(access_key_id)
        if found is None:
            found = self._ask(access_key_id)
            if found is None:
                self._unknown.keep(access_key_id, True)
                return None
            self._known.keep(access_key_id, found)
        key, expires_at = found
        if expires_at is None or self._clock() < expires_at:
            return key
        if key.session_token is not None:
            raise KeyExpired
        return None

    def _ask(self, access_key_id: str) -> _Found | None:
        found = self._database.run(
            lambda transaction: keys.find_of_any_account(transaction, access_key_id),
            reads_only=True,
        )
        if found is None:
            return None
        key, documents = found
        if not key.is_enabled:
            return None
        return _opened(self._seal, key, {**BUILT_IN, **documents}), key.expires_at


class _Memory(Generic[T]):
    """What was found out lately, the oldest forgotten first."""

    def __init__(self, most: int, seconds: float, timer: Callable[[], float]) -> None:
        self._most = most
        self._seconds = seconds
        self._timer = timer
        self._kept: OrderedDict[str, tuple[float, T]] = OrderedDict()
        self._lock = Lock()

    def find(self, name: str) -> T | None:
        with self._lock:
            until, value = self._kept.get(name, (0.0, None))
            return value if self._timer() < until else None

    def keep(self, name: str, value: T) -> None:
        with self._lock:
            self._kept.pop(name, None)
            self._kept[name] = (self._timer() + self._seconds, value)
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)


def _opened(seal: Seal, key: Key, documents: dict[str, str]) -> AccessKey:
    try:
        secret = unseal(seal, key)
    except Unsealable as error:
        logger.error("The secret of access key %s cannot be read: %s", key.id, error)
        raise InternalServer("The secret of the access key cannot be read here") from None
    return AccessKey(
        access_key_id=key.id,
        secret=secret.secret,
        session_token=secret.session_token,
        account_id=key.account_id,
        name=key.name,
        principal_arn=key.principal_arn,
        policies=_policies(key, documents),
    )


def _policies(key: Key, documents: dict[str, str]) -> tuple[Policy, ...]:
    """The policies of a key; none, which allows nothing, when one of them cannot be had: it might
    have denied something.
    """
    texts = [documents.get(name) for name in key.policies]
    if key.inline is not None:
        texts.append(key.inline)
    try:
        return tuple(_read(text or "") for text in texts)
    except InvalidPolicy as error:
        logger.error("Access key %s may do nothing, for a policy of it: %s", key.id, error)
        return ()


_read = lru_cache(maxsize=1000)(read)
