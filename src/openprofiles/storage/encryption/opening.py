"""Answers whose rows are opened as they are read."""

from collections.abc import Callable

from openprofiles.storage.encryption.cipher import Cipher
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


def opened(
    pending: Pending, cipher: Cipher | None, open_row: Callable[[Cipher, Row], Row]
) -> Pending:
    """An answer with its rows opened, if the domain has a key; the answer itself if not."""
    return pending if cipher is None else _Opened(pending, cipher, open_row)
