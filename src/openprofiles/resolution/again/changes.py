"""What has changed since the last whole run, by digests of what it read."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from openprofiles.resolution import blocking, kept, sorted_keys
from openprofiles.resolution.again.memory import Memory
from openprofiles.resolution.again.rows import Rows, read_digests
from openprofiles.resolution.engine import Engine
from openprofiles.resolution.fields import ColumnMapping

MOST_CHANGED = 0.1
"""With more changed records a whole run is hardly slower, and the next ones gain by it."""

FEWEST = 20_000
"""Of fewer records a whole run is as quick."""


@dataclass(frozen=True, slots=True)
class Changes:
    """How the rows of then are related to those of now."""

    place: Rows
    """For each row then its row now; -1 for one that is gone or has changed."""
    were: Rows
    """For each row now its row then; -1 for a new one."""
    came: pa.Table
    """The values of the records that are new or have changed, as `kept.read` gives them."""
    ids: pa.Table
    """The records' ids with their rows, in any order."""

    @property
    def size(self) -> int:
        """How many records there are now."""
        return self.ids.num_rows

    @property
    def stayed(self) -> Rows:
        """The rows then of the records that are as they were."""
        return np.flatnonzero(self.place >= 0)


def find_changes(
    engine: Engine, last: Memory, source: tuple[str, str], mapping: ColumnMapping
) -> Changes | None:
    """What has changed; None when a whole run is due.

    Makes the table `changed` of the values of new records, by their rows, and of those that are
    gone, with the row -1. A record that has changed is both.
    """
    if last.size < FEWEST:
        return None
    digest, ids = read_digests(engine, source, mapping)
    found = _places(last, digest, len(mapping.identifiers))
    if found is None:
        return None
    place, were = found
    new, gone = np.flatnonzero(were < 0), np.flatnonzero(place < 0)
    engine.put("new_rows", pa.table({"rid": new.astype(np.int32)}))
    came = engine.table(f"from ({kept.read(mapping, *source)}) semi join new_rows using (rid)")
    engine.drop("new_rows")
    left = numbered(last.values.take(gone), np.full(len(gone), -1))
    engine.put("changed", pa.concat_tables([came, left]))
    return Changes(place, were, came, ids)


def _places(last: Memory, digest: NDArray[np.uint64], slots: int) -> tuple[Rows, Rows] | None:
    """`place` and `were` of Changes; None when a whole run is due."""
    size = len(digest)
    order, ordered = sorted_keys.in_order(digest)
    which, rows = last.keys.first(last.keys.kinds.digest, ordered)
    place = np.full(last.size, -1, dtype=np.int64)
    place[rows] = order[which]
    were = np.full(size, -1, dtype=np.int64)
    stayed = np.flatnonzero(place >= 0)
    were[place[stayed]] = stayed
    # A pair is compared in the order of its rows; and a row that comes twice is found once.
    if len(stayed) < len(rows) or not (np.diff(place[stayed]) > 0).all():
        return None
    if max(size, last.size) - len(stayed) > MOST_CHANGED * size:
        return None
    if blocking.keys(slots, last.size) != blocking.keys(slots, size):
        return None
    return place, were


def numbered(values: pa.Table, rows: Rows) -> pa.Table:
    """Values with the rows that they are of, as `kept.read` gives them."""
    return values.add_column(0, "rid", pa.array(rows.astype(np.int32)))
