"""Remembers when each key was last used, without a write for each request."""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from threading import Lock

from openprofiles.core.clock import Clock, system_clock
from openprofiles.core.operation import Answer, Caller, Invoke, Parameters
from openprofiles.features.access.key import Use
from openprofiles.features.access.store import keys
from openprofiles.storage.database import Database, DatabaseUnavailable

EVERY_SECONDS = 60
MOST_REMEMBERED = 10_000

logger = logging.getLogger(__name__)


class Uses:
    """Notes at most once a minute for each key what it is used for."""

    def __init__(
        self,
        database: Database,
        clock: Clock = system_clock,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._clock = clock
        self._timer = timer
        self._noted: dict[str, float] = {}
        self._lock = Lock()

    def noting(self, invoke: Invoke) -> Invoke:
        """`invoke`, which also notes the use of its caller's key, refused calls included."""

        def call(name: str, parameters: Parameters, caller: Caller) -> Answer:
            try:
                return invoke(name, parameters, caller)
            finally:
                if caller.access_key_id is not None and self._is_due(caller.access_key_id):
                    self._note(caller, caller.access_key_id, name)

        return call

    def _is_due(self, key_id: str) -> bool:
        now = self._timer()
        with self._lock:
            if now - self._noted.get(key_id, -EVERY_SECONDS) < EVERY_SECONDS:
                return False
            if len(self._noted) >= MOST_REMEMBERED:
                self._noted.clear()
            self._noted[key_id] = now
            return True

    def _note(self, caller: Caller, key_id: str, operation: str) -> None:
        use = Use(at=self._clock(), operation=operation, address=caller.source_ip)
        try:
            self._database.run(
                lambda transaction: keys.note_use(
                    transaction,
                    caller.account_id,
                    key_id,
                    use,
                    every=timedelta(seconds=EVERY_SECONDS),
                )
            )
        except DatabaseUnavailable:
            logger.warning("The last use of an access key could not be noted")
