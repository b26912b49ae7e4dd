"""The candidates that a whole run would find, told as what has changed since the last one.

A pattern is what it was, unless a record has changed or something else is known about its values
(how rare a name is, whose a phone). Nothing is rounded: the patterns are those of a whole run.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from openprofiles.resolution import blocking, comparing, features
from openprofiles.resolution.again import blocks, depending, values
from openprofiles.resolution.again.blocks import Keyed
from openprofiles.resolution.again.changes import Changes
from openprofiles.resolution.again.key_index import EMAIL, PHONE
from openprofiles.resolution.again.memory import Memory
from openprofiles.resolution.again.rows import Rows
from openprofiles.resolution.duckdb_engine import DuckDBEngine
from openprofiles.resolution.engine import Engine
from openprofiles.resolution.slots import TABLES
from openprofiles.resolution.steps import Step

_REDONE, _MOVED = 8, 16
"""Why one looks at the pairs of a record, beside what is known anew about its values."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The candidates of then that are none now or compare otherwise, by their places; and what came
    in their stead or is new, by the rows now.
    """

    removed: Rows
    left: Rows
    right: Rows
    pattern: Rows


def difference(engine: DuckDBEngine, last: Memory, changes: Changes, slots: int) -> Difference:
    """What has changed. Makes the tables that tell about the values of all records, too."""
    holders = values.count_names(engine, last, changes)
    # Small steps take one processor each.
    with ThreadPoolExecutor(max_workers=1) as thread, engine.beside("pairing") as other:
        names = thread.submit(values.judge_names, other, last, changes, holders)
        keyed = _keys(engine, "changed", slots, changes.size)
        pairing = thread.submit(_pair, other, last, changes, keyed, slots)
        touched = np.unique(keyed[PHONE].keys), np.unique(keyed[EMAIL].keys)
        phones, emails = values.judge_values(engine, last, changes, touched, slots)
        known_anew = {
            depending.PHONES: phones,
            depending.EMAILS: emails,
            depending.NAMES: names.result(),
        }
        redone = pairing.result()
        engine.create(Step("moved", "from pairing.moved"))
    _put_before(engine, last, changes, _flags(engine, changes, redone, known_anew))
    return _compare(engine, last, changes, slots)


def _keys(engine: Engine, source: str, slots: int, size: int) -> list[Keyed]:
    """The keys of all kinds, among `size` records, of those in the table `source`; makes their
    `features`.
    """
    for step in features.steps_of_some(source, slots, judged=False):
        engine.create(step)
    queries = [blocking.keyed(group) for group in blocking.keys(slots, size)]
    return blocks.read_keys(engine, [*queries, blocking.telling()])


def _pair(
    engine: Engine, last: Memory, changes: Changes, keyed: list[Keyed], slots: int
) -> NDArray[np.bool_]:
    """Make `moved`; whether by the rows then a record is gone or paired anew."""
    redone = changes.place < 0
    equals, more = _copies(engine, last, changes, keyed[last.keys.kinds.telling], slots)
    redone[equals] = True
    keyed = [one.and_(other) for one, other in zip(keyed, more, strict=True)]
    copies = np.asarray(engine.fetch("select r from copies")["r"], dtype=np.int64)
    keyed = [each.without(copies) for each in keyed]
    groups = blocking.keys(slots, changes.size)

    def look(kind: int) -> blocks.Blocks:
        cap = groups[kind][0].cap
        return blocks.look(last.keys, kind, cap, keyed[kind], changes, redone)

    # A pair that one phone no longer finds, another may.
    lost = [seen.rows[seen.is_lost] for seen in map(look, blocks.shared(groups))]
    others = changes.were[np.unique(np.concatenate(lost))]
    if len(others):
        redone[others] = True
        engine.put("others", values.taken(last, changes, others))
        more = _keys(engine, "others", slots, changes.size)
        engine.drop("others")
        keyed = [one.and_(other) for one, other in zip(keyed, more, strict=True)]
    blocks.pair(engine, [look(kind) for kind in range(len(groups))])
    return redone


def _copies(
    engine: Engine, last: Memory, changes: Changes, telling: Keyed, slots: int
) -> tuple[Rows, list[Keyed]]:
    """Make `copies` of records that are new, or may be equal to one that is or is gone. The rows
    then of the latter, and their keys.
    """
    keys, which, entries = np.unique(telling.keys, return_inverse=True, return_counts=True)
    kind = last.keys.kinds.telling
    found = last.keys.find(kind, keys)
    are_many = found.counts() + entries > blocking.FEW_COPIES
    _, equals = last.keys.rows(kind, found.where(are_many))
    equals = equals[changes.place[equals] >= 0]
    came = changes.came.filter(np.isin(changes.came["rid"], telling.rows[are_many[which]]))
    engine.put("alike", pa.concat_tables([came, values.taken(last, changes, equals)]))
    keyed = _keys(engine, "alike", slots, changes.size)
    engine.create(blocking.copies(slots))
    engine.drop("alike")
    return equals, [each.where(changes.were[each.rows] >= 0) for each in keyed]


def _flags(
    engine: Engine, changes: Changes, redone: NDArray[np.bool_], known_anew: Mapping[int, Rows]
) -> NDArray[np.uint8]:
    """By the rows then what makes one look at the pairs of a record."""
    flags = np.where(redone, _REDONE, 0).astype(np.uint8)
    for bit, rows in known_anew.items():
        flags[rows] |= bit
    ends = engine.fetch("select distinct unnest([l, r]) as rid from moved")["rid"]
    were = changes.were[np.asarray(ends, dtype=np.int64)]
    flags[were[were >= 0]] |= _MOVED
    return flags


def _put_before(engine: Engine, last: Memory, changes: Changes, flags: NDArray[np.uint8]) -> None:
    """Make `before` of the pairs then that may be others now."""
    one, other = flags[last.candidates.left], flags[last.candidates.right]
    either = one | other
    places = np.flatnonzero((either & ~np.uint8(_MOVED)) | (one & other & _MOVED))
    left, right, found, code = (
        column[places]
        for column in (
            last.candidates.left,
            last.candidates.right,
            last.candidates.found,
            last.candidates.code,
        )
    )
    either = either[places]
    engine.put(
        "before",
        pa.table(
            {
                "place": places,
                "l": changes.place[left],
                "r": changes.place[right],
                "found": found.astype(np.int64),
                "pattern": last.candidates.patterns[code],
                "is_redone": (either & _REDONE) != 0,
                "is_stale": (either & depending.depends(last.candidates.patterns)[code]) != 0,
            }
        ),
    )


def _compare(engine: Engine, last: Memory, changes: Changes, slots: int) -> Difference:
    engine.create(
        Step(
            "standing",
            "select place, l, r, pattern, is_stale,"
            " (b.found & ~coalesce(lost, 0)) | coalesce(m.found, 0) as found"
            " from before b left join moved m using (l, r) where not is_redone",
        )
    )
    engine.create(
        Step(
            "pairs",
            "select l::integer as l, r::integer as r, found from standing"
            " where is_stale and found <> 0 union all"
            " select l, r, found from moved anti join standing using (l, r) where found <> 0",
            drops=("moved",),
        )
    )
    ends = np.asarray(
        engine.fetch("select distinct unnest([l, r]) as rid from pairs")["rid"], dtype=np.int64
    )
    were = changes.were[ends]
    values.make_values(engine, last, changes, "ends", were[were >= 0])
    for step in features.steps_of_some("ends", slots):
        engine.create(step)
    select = comparing.select("pairs", slots)
    engine.create(Step("compared", select, drops=("pairs", "ends", *TABLES)))
    found = engine.table(
        "select place, c.l, c.r, c.pattern from ("
        " select place, l, r, pattern from before where is_redone union all"
        " select place, l, r, pattern from standing where is_stale or found = 0"
        ") b full join compared c on b.l = c.l and b.r = c.r"
        " where b.pattern is distinct from c.pattern"
    )
    for name in ("before", "standing", "compared"):
        engine.drop(name)
    came = found.filter(found["l"].is_valid())
    left, right, pattern = (
        came[name].to_numpy().astype(np.int64) for name in ("l", "r", "pattern")
    )
    return Difference(found["place"].drop_null().to_numpy(), left, right, pattern)
