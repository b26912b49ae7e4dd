"""Answers whose rows are opened as they are read."""

from collections.abc import Callable

from openprofiles.core.errors import InternalServer
from openprofiles.storage.encryption.cipher import Cipher
from openprofiles.storage.encryption.sealed import IndexKey, ValueKey
from openprofiles.storage.encryption.state import State
from openprofiles.storage.statement import Pending, Row


class _Opened:
    __slots__ = ("_cipher", "_open", "_pending")

    def __init__(
        self, pending: Pending, cipher: Cipher, open_row: Callable[[Cipher, Row], Row]
    ) -> None:
        self._pending = pending
        self._cipher = cipher
        self._open = open_row

    def rows(self) -> list[Row]:
        return [self._open(self._cipher, row) for row in self._pending.rows()]

    def row(self) -> Row | None:
        row = self._pending.row()
        return None if row is None else self._open(self._cipher, row)

    @property
    def count(self) -> int:
        return self._pending.count


class _Clear(Cipher):
    """Opens the values of a domain that had no key when it was read: what looks sealed all the same
    was sealed since. A read that fails so begins anew (database.py).
    """

    def __init__(self) -> None:
        self.state = State()
        self._name = "that has no key"

    def _key(self, number: int) -> ValueKey | IndexKey:
        raise InternalServer(f"Data key {number} seals a value of a domain that has no key")


_CLEAR = _Clear()


def opened(
    pending: Pending, cipher: Cipher | None, open_row: Callable[[Cipher, Row], Row]
) -> Pending:
    """An answer with its rows opened; `cipher` is None for a domain that has no key."""
    return _Opened(pending, cipher or _CLEAR, open_row)
