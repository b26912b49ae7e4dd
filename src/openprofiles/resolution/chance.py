"""How often two records agree by chance: from pairs drawn at random, and for equal values from
how often each occurs.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from openprofiles.resolution.attributes import ATTRIBUTES, BITS, PLACES
from openprofiles.resolution.engine import Engine
from openprofiles.resolution.slots import EMAIL_SLOTS, PHONE_SLOTS, table_of

_DRAWN = 100_000
_USUAL_PAIRS, _FEW_USUAL_PAIRS = 200_000.0, 100.0
_UNSEEN = 0.3
"""What a level that no drawn pair shows counts as."""


@dataclass(frozen=True, slots=True)
class Chance:
    """The shares of levels among all pairs of a table."""

    shares: NDArray[np.float64]
    """attribute x level, among pairs whose two values are known."""
    known: NDArray[np.float64]
    """For each attribute the share of pairs whose two values are known."""
    pairs: float
    """How many pairs there are."""


DRAWN = "random_pairs"
"""The table of pairs drawn at random, which are compared together with the candidates."""


@dataclass(frozen=True, slots=True)
class Seen:
    """How many of the pairs drawn at random show each pattern."""

    patterns: NDArray[np.int64]
    numbers: NDArray[np.int64]


def drawn(size: int) -> pa.Table:
    """Pairs drawn at random from a table of `size` rows; always the same."""
    random = np.random.default_rng(1)
    one, other = random.integers(0, max(size, 1), (2, _DRAWN), dtype=np.int32)
    apart = one != other
    return pa.table({"l": one[apart], "r": other[apart]})


def measure(engine: Engine, size: int, identifiers: int, seen: Seen) -> Chance:
    """What chance shows in the engine's `features`, which has `size` rows."""
    pairs = max(size * (size - 1) / 2, 1.0)
    counts = np.zeros((len(ATTRIBUTES), 1 << BITS))
    for place in range(len(ATTRIBUTES)):
        levels = seen.patterns >> (BITS * place) & 15
        counts[place] = np.bincount(levels, seen.numbers, 1 << BITS)
    shares = np.full((len(ATTRIBUTES), 1 << BITS), 1e-12)
    known = np.ones(len(ATTRIBUTES))
    equal = _equal(engine, identifiers)
    for place, attribute in enumerate(ATTRIBUTES):
        last = len(attribute.levels) + 1
        of_level = counts[place, 1:last]
        known[place] = max(of_level.sum() / max(counts[place].sum(), 1.0), 1e-4)
        expected = pairs * known[place] * (of_level + _UNSEEN) / max(of_level.sum(), 1.0)
        for level, number in equal.get(attribute.name, {}).items():
            expected[level - 1] = number
        # A small table says little of chance; what is usual in a large population fills in. Names
        # and places may well be less varied in a small table than there.
        usual = np.array(attribute.chance) / sum(attribute.chance)
        row = expected + (_USUAL_PAIRS if attribute.is_personal else _FEW_USUAL_PAIRS) * usual
        shares[place, 1:last] = row / row.sum()
    return Chance(shares, known, pairs)


def _equal(engine: Engine, identifiers: int) -> dict[str, dict[int, float]]:
    """For levels of equal values: how many pairs show them, by attribute and level."""
    code = {attribute.name: attribute.code for attribute in ATTRIBUTES}
    size = int(_numbers(engine, "select n from size")[0])
    found: dict[str, dict[int, float]] = {name: {} for name in PLACES}
    phones = " union all ".join(
        f"select p{slot} as value from {table_of(slot)}" for slot in range(1, PHONE_SLOTS + 1)
    )
    emails = " union all ".join(
        f"select e{slot} as value from {table_of(slot)}" for slot in range(1, EMAIL_SLOTS + 1)
    )
    for name, values in (("phone", phones), ("email", emails)):
        found[name] = {
            code[name]("personal") + kind: number
            for kind, number in _by_group(engine, values, "value & 3").items()
        }
    rows = engine.fetch(
        f"select last_name_tier(n, {size}) as tier, sum(n::double * (n - 1) / 2) as pairs"
        " from last_names group by tier"
    )
    found["last_name"] = {
        code["last_name"]("rare") + int(tier): float(pairs)
        for tier, pairs in zip(rows["tier"], rows["pairs"], strict=True)
    }
    for name, level, columns in (
        ("birth_date", "same", "birth"),
        ("address", "same", "house || street"),
        ("place", "same_code", "zip"),
        ("business", "same", "case when not is_company then business end"),
        ("business", "company_same", "case when is_company then business end"),
    ):
        numbers = _by_group(engine, f"select {columns} as value from features", "0")
        found[name][code[name](level)] = numbers.get(0, 0.0)
    for slot in range(1, identifiers + 1):
        numbers = _by_group(engine, f"select i{slot} as value from features", "0")
        found["identifier"][1] = found["identifier"].get(1, 0.0) + numbers.get(0, 0.0)
    found["first_name"] = _whole_names(engine, size)
    return found


def _by_group(engine: Engine, values: str, group: str) -> dict[int, float]:
    columns = engine.fetch(
        "select kind, sum(n * (n - 1) / 2)::double as pairs"
        f" from (select {group} as kind, count(*)::double as n"
        f" from ({values}) where value is not null group by value) group by kind"
    )
    return dict(
        zip(
            (int(kind) for kind in columns["kind"]),
            (float(n) for n in columns["pairs"]),
            strict=True,
        )
    )


def _numbers(engine: Engine, query: str) -> NDArray[np.float64]:
    (column,) = engine.fetch(query).values()
    return np.asarray(column, dtype=np.float64)


def _whole_names(engine: Engine, size: int) -> dict[int, float]:
    """Pairs that would share a whole name if first and last names were drawn apart."""
    # Whole numbers, which add up to the same in any order.
    rows = engine.fetch(
        f"select {f'full_name_tier(f.n, l.n, {size})'} as tier,"
        " sum((f.values * l.values)::hugeint * f.n * l.n * f.n * l.n)::double as squares"
        " from (select n, count(*) as values from first_names group by n) f,"
        " (select n, count(*) as values from last_names group by n) l group by tier"
    )
    return {
        int(tier) + 1: float(squares) / size / size / 2
        for tier, squares in zip(rows["tier"], rows["squares"], strict=True)
    }
