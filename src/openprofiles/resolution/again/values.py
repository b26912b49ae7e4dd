"""What is found out about values when some records have changed: how many bear a name, and whose a
phone or an e-mail address is. Makes the tables that the steps of `features` make of all records.
"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from openprofiles.resolution import features
from openprofiles.resolution.again.changes import Changes, numbered
from openprofiles.resolution.again.key_index import EMAIL, PHONE
from openprofiles.resolution.again.memory import NAMES, VALUES, Memory
from openprofiles.resolution.again.rows import TIERS, Rows, by_row
from openprofiles.resolution.engine import Engine
from openprofiles.resolution.slots import EMAIL_SLOTS, PHONE_SLOTS
from openprofiles.resolution.sorted_keys import Keys
from openprofiles.resolution.steps import Step

_NONE = -1


Holders = Mapping[str, NDArray[np.int64]]
"""For each of NAMES how many bear the name of a record, of those that stayed, by their rows then;
_NONE without one."""


def count_names(engine: Engine, last: Memory, changes: Changes) -> Holders:
    """Make `size` and the tables of names."""
    engine.create(Step("size", f"select {changes.size}::bigint as n"))
    stayed = changes.stayed
    records = last.records
    return {
        name: _count(engine, last, name)[codes[stayed]]
        for name, codes in zip(
            NAMES, (records.first_name, records.last_name, records.town), strict=True
        )
    }


def judge_names(engine: Engine, last: Memory, changes: Changes, holders: Holders) -> Rows:
    """The rows then about whose names their counts tell something else now."""
    stayed = changes.stayed
    engine.put("bearers", pa.table({"rid": np.arange(len(stayed), dtype=np.int32), **holders}))
    first, family, town = (f"nullif({name}, {_NONE})" for name in NAMES)
    [tiers] = by_row(
        engine,
        f"select rid, {TIERS} from (select rid, town_is_rare({town}, n) as town_is_rare,"
        f" last_name_tier({family}, n) as last_tier,"
        f" full_name_tier({first}, {family}, n) as name_tier from bearers cross join size)",
        len(stayed),
    )
    engine.drop("bearers")
    others: Rows = stayed[tiers != last.records.tiers[stayed]]
    return others


def _count(engine: Engine, last: Memory, name: str) -> NDArray[np.int64]:
    """Make the table of one kind of names; by code how many bear it, with _NONE at the end."""
    engine.create(
        Step(
            f"{name}s",
            # Those that nobody bears any more stay, for the keys of who is gone.
            f"""
with changes as (
  select {name}, sum(case when rid < 0 then -1 else 1 end)::bigint as more
  from changed where {name} is not null group by {name}
)
select {name}, code, (coalesce(n, 0) + coalesce(more, 0))::bigint as n
from {last.table(f"{name}s")} full join changes using ({name})
""",
        )
    )
    found = engine.fetch(f"select code, n from {name}s where code is not null")
    codes, numbers = (np.asarray(column) for column in found.values())
    counts = np.zeros(int(codes.max(initial=-1)) + 2, dtype=np.int64)
    counts[codes] = numbers
    counts[-1] = _NONE
    return counts


def judge_values(
    engine: Engine, last: Memory, changes: Changes, touched: tuple[Keys, Keys], slots: int
) -> list[Rows]:
    """Make `phone_values` and `email_values`, after the tables of names; the rows then about whose
    phones, and about whose addresses, something else is known now. `touched` are the keys of those
    of changed records.
    """
    kinds = last.keys.kinds
    places = ((PHONE, kinds.copied_phone), (EMAIL, kinds.copied_email))
    rows = [last.keys.holders(*each) for each in zip(places, touched, strict=True)]
    make_values(engine, last, changes, "holders", np.concatenate(rows))
    for step in features.kinds_of_some("holders", slots):
        engine.create(step)
    engine.drop("holders")
    stale = []
    for name, table, kind in zip(("phone", "email"), VALUES, places, strict=True):
        before = last.table(table)
        engine.create(Step("touched", _touched(name)))
        engine.create(
            Step(
                table,
                f"select value, kind from {before} anti join touched using (value) union all"
                f" select value, kind from {name}_kinds semi join touched using (value)",
            )
        )
        keys = engine.fetch(
            f"select distinct {_KEYS[name]} as key from touched"
            f" left join {before} one using (value) left join {table} other using (value)"
            " where one.kind is distinct from other.kind order by key"
        )["key"]
        stale.append(last.keys.holders(kind, np.asarray(keys, dtype=np.uint64)))
        engine.drop("touched")
        engine.drop(f"{name}_kinds")
    return stale


_SLOTS = {"phone": ("p", PHONE_SLOTS), "email": ("e", EMAIL_SLOTS)}
# As `blocking.keys` makes them of `features`.
_KEYS = {"phone": "hash(value)", "email": "hash((hash(value) >> 3)::bigint)"}


def _touched(name: str) -> str:
    letter, slots = _SLOTS[name]
    return " union ".join(
        f"select {letter}{slot} as value from changed where {letter}{slot} is not null"
        for slot in range(1, slots + 1)
    )


def make_values(engine: Engine, last: Memory, changes: Changes, name: str, stayed: Rows) -> None:
    """Make the table `name` of the values of the new records, and of those with these rows then
    that are still there.
    """
    engine.put(name, pa.concat_tables([changes.came, taken(last, changes, stayed)]))


def taken(last: Memory, changes: Changes, stayed: Rows) -> pa.Table:
    """The values of the records with these rows then that are still there, with their rows now."""
    stayed = np.unique(stayed)
    stayed = stayed[changes.place[stayed] >= 0]
    return numbered(last.values.take(stayed), changes.place[stayed])
