"""The blocks in which something moved: which pairs they find now, and which no longer.

A candidate between two records that stayed as they were is one still, unless a block that they
share has grown over its key's cap or shrunk below it. So the keys of changed records, before and
after, are the only ones whose blocks need be looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from openprofiles.resolution import blocking
from openprofiles.resolution.again.changes import Changes
from openprofiles.resolution.again.key_index import KeyIndex
from openprofiles.resolution.again.rows import Rows
from openprofiles.resolution.engine import Engine
from openprofiles.resolution.sorted_keys import Keys
from openprofiles.resolution.steps import Step


@dataclass(frozen=True, slots=True)
class Keyed:
    """Records by their keys of one kind: the rows of those in blocks now (-1 for one that is not),
    and a key of each.
    """

    rows: Rows
    keys: Keys

    def and_(self, other: "Keyed") -> "Keyed":
        """Those of both."""
        return Keyed(
            np.concatenate((self.rows, other.rows)), np.concatenate((self.keys, other.keys))
        )

    def where(self, chosen: NDArray[np.bool_]) -> "Keyed":
        """Some of them."""
        return Keyed(self.rows[chosen], self.keys[chosen])

    def without(self, rows: Rows) -> "Keyed":
        """The same, these rows in no block."""
        return Keyed(np.where(np.isin(self.rows, rows), -1, self.rows), self.keys)


@dataclass(frozen=True, slots=True)
class Blocks:
    """The blocks of one kind that find, lose or gain pairs: their members by the rows now, each
    with the number of its block.
    """

    block: Rows
    rows: Rows
    is_redone: NDArray[np.bool_]
    is_lost: NDArray[np.bool_]
    """Whether the block has grown over its cap: what it found it finds no more."""
    has_turned: NDArray[np.bool_]
    """The same, or whether it has shrunk below its cap: it finds all its pairs now."""


def look(
    index: KeyIndex, kind: int, cap: int, keyed: Keyed, changes: Changes, redone: NDArray[np.bool_]
) -> Blocks:
    """Look at the blocks of one kind of which `keyed` has the redone records: those that are new,
    gone, or paired anew. `redone` says by the rows then which they were.
    """
    touched, entries = np.unique(keyed.keys, return_counts=True)
    found = index.find(kind, touched)
    before = found.counts()
    # Others are over the cap, before and after.
    near = before - entries <= cap
    touched, before, found = touched[near], before[near], found.where(near)
    block, rows = index.rows(kind, found)
    stays = ~redone[rows]
    block, rows = block[stays], changes.place[rows[stays]]
    entering = np.searchsorted(touched, keyed.keys)
    enters = (keyed.rows >= 0) & (entering < len(touched))
    enters[enters] = touched[entering[enters]] == keyed.keys[enters]
    entering, entered = entering[enters], keyed.rows[enters]
    sizes = np.bincount(block, minlength=len(touched))
    sizes += np.bincount(entering, minlength=len(touched))
    found_before = (before >= 2) & (before <= cap)
    finds_now = (sizes >= 2) & (sizes <= cap)
    is_lost = found_before & (sizes > cap)
    has_turned = is_lost | ((before > cap) & finds_now)
    stays, enters = (finds_now | is_lost)[block], finds_now[entering]
    member_of = np.concatenate((block[stays], entering[enters]))
    return Blocks(
        member_of,
        np.concatenate((rows[stays], entered[enters])),
        np.arange(len(member_of)) >= stays.sum(),
        is_lost[member_of],
        has_turned[member_of],
    )


def pair(engine: Engine, kinds: Sequence[Blocks]) -> None:
    """Make `moved`, after `copies`: every pair l, r with a redone record that a block finds, and
    those that a block that has turned finds or loses, with `found` and `lost` as bits.
    """
    counts = np.cumsum([0, *(int(blocks.block.max(initial=-1)) + 1 for blocks in kinds)])
    columns = {
        "block": [blocks.block + first for blocks, first in zip(kinds, counts, strict=False)],
        "bit": [np.full(len(blocks.rows), 1 << kind) for kind, blocks in enumerate(kinds)],
        "rid": [blocks.rows.astype(np.int32) for blocks in kinds],
        "is_redone": [blocks.is_redone for blocks in kinds],
        "is_lost": [blocks.is_lost for blocks in kinds],
        "has_turned": [blocks.has_turned for blocks in kinds],
    }
    engine.put(
        "members", pa.table({name: np.concatenate(parts) for name, parts in columns.items()})
    )
    engine.create(
        Step(
            "moved",
            f"""
select l, r, bit_or(found)::bigint as found, bit_or(lost)::bigint as lost from (
  select x.rid as l, y.rid as r, case when x.is_lost then 0 else x.bit end as found,
    case when x.is_lost then x.bit else 0 end as lost
  from members x join members y on x.block = y.block and x.rid < y.rid
  where x.has_turned or x.is_redone or y.is_redone
  union all select l, r, {1 << len(kinds)}, 0 from copies
) group by l, r
""",
            drops=("members", "copies"),
        )
    )


def read_keys(engine: Engine, queries: Sequence[str]) -> list[Keyed]:
    """For each SELECT rid, key what it gives."""
    union = " union all ".join(
        f"select {kind} as kind, rid, key from ({query})" for kind, query in enumerate(queries)
    )
    kind, rows, keys = (np.asarray(column) for column in engine.fetch(union).values())
    order = np.argsort(kind, kind="stable")
    ends = np.searchsorted(kind[order], np.arange(len(queries) + 1))
    rows, keys = rows[order].astype(np.int64), keys[order]
    return [Keyed(rows[start:end], keys[start:end]) for start, end in pairwise(ends.tolist())]


def shared(groups: blocking.Groups) -> list[int]:
    """The kinds of which a record may have several keys."""
    return [kind for kind, group in enumerate(groups) if len(group) > 1]
