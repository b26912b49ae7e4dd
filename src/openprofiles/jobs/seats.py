"""Which workers are alive: each sits on a numbered seat, a lock that the database frees when its
process dies."""

from collections.abc import Callable, Iterable

from openprofiles.storage.sessions import Session

PREFIX = "worker-"


class Seat:
    """The lowest free seat, held until `leave` or the end of the process. Raises SessionLost when
    the database goes."""

    def __init__(self, conninfo: str) -> None:
        self._session = Session(conninfo)
        number = 0
        while not self._session.try_lock(_lock(f"{PREFIX}{number}")):
            number += 1
        self.name = f"{PREFIX}{number}"

    def check(self) -> None:
        """Raises SessionLost when the seat is no longer ours."""
        self._session.check()

    def take_over(self, names: Iterable[str], resume: Callable[[str], None]) -> None:
        """Call `resume` with each of the seats `names` on which nobody sits any more; nobody sits
        down meanwhile."""
        for name in set(names) - {self.name}:
            if self._session.try_lock(_lock(name)):
                try:
                    resume(name)
                finally:
                    self._session.unlock(_lock(name))

    def leave(self) -> None:
        """Free the seat."""
        self._session.close()


def _lock(name: str) -> str:
    return f"openprofiles job seat {name}"
