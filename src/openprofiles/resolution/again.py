"""A run that builds on the last one: only what changed is paired and compared anew, and the table
`compared` becomes what a whole run makes of it, to the last bit.

A candidate between two records that stayed as they were is one still, unless a block that they
share has grown over its key's cap or shrunk below it; its pattern is the same, unless more was
found out about their values (how rare a name is, whose a phone). So the keys of changed records,
before and after, are the only ones whose blocks need be looked at.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from openprofiles.resolution import blocking, comparing, features, memory
from openprofiles.resolution.engine import Engine
from openprofiles.resolution.fields import ColumnMapping
from openprofiles.resolution.memory import Memory
from openprofiles.resolution.steps import Step, quoted

MOST_CHANGED = 0.05
"""Of more changed records a whole run is hardly slower."""

FEWEST = 200_000
"""Of fewer records a whole run is as quick."""

Rows = NDArray[np.int64]

_BLOCKED = "features anti join copies on rid = r"
_ENTERED = "(from (from features semi join redone using (rid)) anti join copies on rid = r)"


@dataclass(frozen=True, slots=True)
class Changes:
    """How the rows of the last run are related to those of this one."""

    place: Rows
    """For each row then its row now; -1 for one that is gone or has changed."""
    is_new: NDArray[np.bool_]
    """For each row now whether it is new or has changed."""


def find_changes(
    engine: Engine, last: Memory, mapping: ColumnMapping, relation: str, row_number: str
) -> Changes | None:
    """What has changed since the last run, and a table `former` of the features that changed
    records had; None when a whole run is due. Before the steps of `features`.
    """
    if last.size < FEWEST:
        return None
    then, number_then = engine.read(last.values, mapping)
    columns = ", ".join(map(quoted, (*mapping.kept, *mapping.identifiers)))

    def rows(source: str, number: str) -> str:
        return (
            f"select ({number})::integer as rid, {quoted(mapping.id)}::varchar as id,"
            f" hash({columns}) as digest from {source}"
        )

    found = engine.fetch(
        "select coalesce(one.rid, -1) as was, coalesce(other.rid, -1) as rid,"
        " coalesce(one.digest = other.digest, false) as is_same"
        f" from ({rows(then, number_then)}) one"
        f" full join ({rows(relation, row_number)}) other using (id)"
    )
    was, now, is_same = (np.asarray(column) for column in found.values())
    size = int(now.max(initial=-1)) + 1
    place = np.full(last.size, -1, dtype=np.int64)
    place[was[is_same]] = now[is_same]
    is_new = np.ones(size, dtype=bool)
    is_new[now[is_same]] = False
    kept = place[place >= 0]
    changed = max(size, last.size) - len(kept)
    # A pair is compared in the order of its rows, and a record has one row.
    is_alike = (
        bool((np.diff(kept) > 0).all())
        and int((was >= 0).sum()) == last.size
        and int((now >= 0).sum()) == size
    )
    if (
        not is_alike
        or changed > MOST_CHANGED * size
        or not _has_same_caps(mapping, last.size, size)
    ):
        return None
    gone = np.flatnonzero(place < 0).astype(np.int32)
    engine.put("gone", pa.table({"was": gone}))
    numbered = f"select ({number_then})::integer as was, * from {then}"
    engine.create(Step("former_source", f"from ({numbered}) semi join gone using (was)"))
    for step in features.steps(mapping, "former_source", "was"):
        engine.create(step)
    engine.create(Step("former", "from features", drops=("former_source", "gone")))
    return Changes(place, is_new)


def _has_same_caps(mapping: ColumnMapping, one: int, other: int) -> bool:
    groups = blocking.keys(len(mapping.identifiers))
    return all(blocking.cap(key, one) == blocking.cap(key, other) for key, *_ in groups)


def compare(engine: Engine, last: Memory, changes: Changes, slots: int) -> None:
    """Make `compared`, after the steps of `features` and `copies`; its records have `slots`
    identifiers.
    """
    groups = blocking.keys(slots)
    copies_bit = 1 << len(groups)
    left, right, found, pattern = (
        last.pairs[name].to_numpy() for name in ("l", "r", "found", "pattern")
    )
    was_copy = np.zeros(last.size, dtype=bool)
    was_copy[right[(found & copies_bit) != 0]] = True
    redone = _note_redone(engine, changes, was_copy)
    left, right = changes.place[left], changes.place[right]
    found = found & ~copies_bit
    stays = (left >= 0) & (right >= 0) & (found != 0)
    left, right, found, pattern = left[stays], right[stays], found[stays], pattern[stays]
    stays = ~(redone[left] | redone[right])
    left, right, found, pattern = left[stays], right[stays], found[stays], pattern[stays]
    is_judged_anew = _judged_anew(engine, last, changes)
    engine.put(
        "before",
        pa.table(
            {
                "l": left.astype(np.int32),
                "r": right.astype(np.int32),
                "found": found,
                "pattern": pattern,
                "is_stale": is_judged_anew[left] | is_judged_anew[right],
            }
        ),
    )
    moves = []
    for bit, group in enumerate(groups):
        engine.create(_moves(group, bit, len(changes.is_new)))
        moves.append(f"moves_{group[0].name}")
    moved = " union all ".join(f"from {name}" for name in moves)
    for step in _combined(moved, tuple(moves), slots):
        engine.create(step)


def _note_redone(
    engine: Engine, changes: Changes, was_copy: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Make tables of the records that are paired anew: `redone`, and `were` of the rows of
    `former` and of now that were in blocks; for each row whether it is among them.
    """
    is_copy = np.zeros(len(changes.is_new), dtype=bool)
    is_copy[np.asarray(engine.fetch("select r from copies")["r"], dtype=np.int64)] = True
    stayed = np.flatnonzero(changes.place >= 0)
    now = changes.place[stayed]
    # A copy is in no block: who becomes or ceases to be one leaves or enters its blocks.
    flipped = is_copy[now] != was_copy[stayed]
    redone = changes.is_new.copy()
    redone[now[flipped]] = True
    left = now[flipped & ~was_copy[stayed]].astype(np.int32)
    gone = np.flatnonzero((changes.place < 0) & ~was_copy).astype(np.int32)
    engine.put("redone", pa.table({"rid": np.flatnonzero(redone).astype(np.int32)}))
    engine.put("left_blocks", pa.table({"rid": left}))
    engine.put("gone", pa.table({"rid": gone}))
    engine.create(
        Step(
            "were",
            "select * from former semi join gone using (rid)"
            " union all by name select * from features semi join left_blocks using (rid)",
            drops=("former", "gone", "left_blocks"),
        )
    )
    return redone


def _judged_anew(engine: Engine, last: Memory, changes: Changes) -> NDArray[np.bool_]:
    """For each row whether something else was found out about its values than in the last run."""
    judged = memory.judged_now(engine)["judged"].to_numpy()
    anew = np.zeros(len(judged), dtype=bool)
    stayed = np.flatnonzero(changes.place >= 0)
    now = changes.place[stayed]
    anew[now] = judged[now] != last.judged[stayed]
    return anew


def _moves(group: tuple[blocking.BlockingKey, ...], bit: int, size: int) -> Step:
    """The step that makes a table of pairs that a group of keys finds, or (`lost`) no longer finds:
    all pairs of the blocks in which something moved.
    """
    cap = blocking.cap(group[0], size)
    keyed = blocking.keyed(group, _BLOCKED)
    touched = (
        f"select key from ({blocking.keyed(group, 'were')}) union"
        f" select key from ({blocking.keyed(group, _ENTERED)})"
    )
    if len(group) > 1:
        # A pair that one phone no longer finds, another may.
        touched = (
            f"select distinct key from ({keyed}) semi join (select rid from ({keyed})"
            f" semi join ({touched}) using (key)) using (rid)"
        )
    name = group[0].name
    return Step(
        f"moves_{name}",
        f"""
with touched as materialized ({touched}), held as materialized (
  select rid, key, redone.rid is not null as is_new
  from (select rid, key from ({keyed}) semi join touched using (key)) left join redone using (rid)
), left_it as (
  select key, count(*) as n from ({blocking.keyed(group, "were")}) group by key
), blocks as materialized (
  select key, count(*) as now, count(*) filter (not is_new) + coalesce(any_value(n), 0) as before
  from held left join left_it using (key) group by key
), wanted as materialized (
  select key, now > {cap} as is_lost from blocks
  where now >= 2 and (now <= {cap} or before <= {cap})
), members as materialized (
  select rid, key, is_lost from held join wanted using (key) where not (is_lost and is_new)
)
select distinct x.rid as l, y.rid as r, case when x.is_lost then 0 else {1 << bit} end::bigint
  as found, case when x.is_lost then {1 << bit} else 0 end::bigint as lost
from members x join members y on x.key = y.key and x.rid < y.rid
""",
    )


def _combined(moved: str, drops: tuple[str, ...], slots: int) -> list[Step]:
    """The steps from the pairs of before and what moved to `compared`."""
    changed = (
        f"select l, r, bit_or(found) as found, bit_or(lost) as lost from"
        f" (select l, r, found, lost from ({moved})"
        " union all select l, r, found, 0::bigint from copies) group by l, r"
    )
    left = (
        "select l, r, (b.found & ~coalesce(m.lost, 0)) | coalesce(m.found, 0) as found,"
        " pattern, is_stale from before b left join moved m using (l, r)"
    )
    pairs = (
        "select l, r, found from standing where is_stale union all"
        " select l, r, found from moved anti join before using (l, r) where found <> 0"
    )
    ends = (
        "from features semi join (select l as rid from pairs union select r from pairs) using (rid)"
    )
    compared = comparing.select("pairs", slots, "ends")
    return [
        Step("moved", changed, drops=(*drops, "copies", "were", "redone")),
        Step("standing", f"from ({left}) where found <> 0"),
        Step("pairs", pairs, drops=("moved", "before")),
        Step("ends", ends),
        Step(
            "compared",
            "select l, r, found, pattern from standing where not is_stale"
            f" union all select l, r, found, pattern from ({compared})",
            drops=("standing", "pairs", "ends"),
        ),
    ]
