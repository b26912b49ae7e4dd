"""Which records have a key: for each kind of key the keys in order, beside them the rows that have
them, in files that are read where they are looked at.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from openprofiles.resolution import blocking, sorted_keys
from openprofiles.resolution.again.rows import Rows
from openprofiles.resolution.engine import Engine
from openprofiles.resolution.sorted_keys import Keys

_KEYS, _ROWS = "keys_{}.npy", "rows_{}.npy"
PHONE, EMAIL = 0, 1
"""The groups of `blocking.keys` that tell who has a value."""


@dataclass(frozen=True, slots=True)
class Kinds:
    """The numbers of the kinds of keys: first the groups of blocking keys, of records in blocks."""

    groups: int

    @classmethod
    def of(cls, slots: int, size: int) -> Self:
        """Of `size` records with `slots` identifiers."""
        return cls(len(blocking.keys(slots, size)))

    @property
    def telling(self) -> int:
        """What copies have in common, of all records."""
        return self.groups

    @property
    def copied_phone(self) -> int:
        """PHONE, of those that are copies, which are in no block."""
        return self.groups + 1

    @property
    def copied_email(self) -> int:
        """The same of EMAIL."""
        return self.groups + 2

    @property
    def digest(self) -> int:
        """What was read, the id included: the key of one record."""
        return self.groups + 3


def write(folder: Path, engine: Engine, slots: int, digest: Keys) -> None:
    """Index the records of `features`, with `slots` identifiers, by their digests too; those that
    `copies` names are the copies.
    """
    groups = blocking.keys(slots, len(digest))
    queries = [
        *(blocking.keyed(group, "anti") for group in groups),
        blocking.telling(),
        *(blocking.keyed(groups[kind], "semi") for kind in (PHONE, EMAIL)),
    ]
    # Sorting takes one processor, and the next keys are made on the other.
    with ThreadPoolExecutor(max_workers=1) as beside:
        written = [
            beside.submit(_write, folder, kind, *engine.fetch(query).values())
            for kind, query in enumerate(queries)
        ]
    for one in written:
        one.result()
    rows = np.arange(len(digest), dtype=np.int32)
    _write(folder, Kinds(len(groups)).digest, rows, digest)


def _write(folder: Path, kind: int, rows: NDArray[np.int32], keys: Keys) -> None:
    order, ordered = sorted_keys.in_order(keys)
    np.save(folder / _KEYS.format(kind), ordered)
    np.save(folder / _ROWS.format(kind), rows[order])


def forget(folder: Path) -> None:
    """Remove what `write` wrote."""
    for name in (_KEYS, _ROWS):
        for path in folder.glob(name.format("*")):
            path.unlink()


@dataclass(frozen=True, slots=True)
class Found:
    """For each key that was looked for where its rows begin and end."""

    start: Rows
    end: Rows

    def counts(self) -> Rows:
        """How many rows have the key."""
        return self.end - self.start

    def where(self, chosen: NDArray[np.bool_]) -> "Found":
        """Of some keys."""
        return Found(self.start[chosen], self.end[chosen])


@dataclass(frozen=True, slots=True)
class KeyIndex:
    """What `write` wrote, by the numbers of kinds."""

    kinds: Kinds
    keys: Sequence[Keys]
    rows_of: Sequence[NDArray[np.int32]]

    @classmethod
    def read(cls, folder: Path, kinds: Kinds) -> Self:
        """What is in `folder`. Raises OSError and ValueError."""
        numbers = range(kinds.digest + 1)
        return cls(
            kinds,
            [np.load(folder / _KEYS.format(kind), mmap_mode="r") for kind in numbers],
            [np.load(folder / _ROWS.format(kind), mmap_mode="r") for kind in numbers],
        )

    def find(self, kind: int, keys: Keys) -> Found:
        """Look for keys, which are quickest in order."""
        known = self.keys[kind]
        return Found(np.searchsorted(known, keys), np.searchsorted(known, keys, side="right"))

    def first(self, kind: int, keys: Keys) -> tuple[Rows, Rows]:
        """Which of the keys, in order, a row has, and the first such row."""
        known = self.keys[kind]
        start = np.searchsorted(known, keys)
        start[start == len(known)] = 0
        which = np.flatnonzero(known[start] == keys)
        return which, self.rows_of[kind][start[which]].astype(np.int64)

    def rows(self, kind: int, found: Found) -> tuple[Rows, Rows]:
        """Which of the keys, and a row that has it, for each such row."""
        counts = found.counts()
        which = np.repeat(np.arange(len(counts)), counts)
        first = np.cumsum(counts) - counts
        places = found.start[which] + np.arange(len(which)) - first[which]
        return which, self.rows_of[kind][places].astype(np.int64)

    def holders(self, kinds: Sequence[int], keys: Keys) -> Rows:
        """The rows that have one of the keys, of one of the kinds; a row may come twice."""
        return np.concatenate([self.rows(kind, self.find(kind, keys))[1] for kind in kinds])
