"""The steps that find candidates: many narrow keys, each with a cap on the size of a block.

A block larger than its key's cap is skipped whole: a value that hundreds share proves little, and
costs their square. `pairs` holds each candidate once, with a bit for every key that found it (one
more for copies).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from openprofiles.resolution.slots import EMAIL_SLOTS, PHONE_SLOTS, table_of
from openprofiles.resolution.steps import Step

_NARROW, _WIDE = 40, 8
_FEW_RECORDS, _MANY_RECORDS = 20_000, 200_000
FEW_COPIES = 5
"""So many equal records are candidates like others."""
NAMESAKES_IN = 8
"""Of so many names one is looked at to learn from its namesakes."""
ONLY_TO_LEARN = -1
"""What stands for the keys that found a pair where it is no candidate."""
_TELLING = (
    "first_name is not null and last_name is not null and coalesce(p1, e1, birth) is not null"
)
_COMPARED = (
    "first_name", "middle_name", "last_name", "generation", "birth", "business", "house", "street",
    "zip", "town", "p1", "p2", "p3", "p4", "e1", "e2", "e3",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class BlockingKey:
    """Records with equal `parts` (SQL over `table`, none of them null) are candidates, in blocks up
    to `cap`.
    """

    name: str
    parts: tuple[str, ...]
    cap: int = _NARROW
    also: str = "true"
    among_many: int | None = None
    """The cap in a table of many records, when it is another; 0 for a key that is none there."""
    table: str = "features"


Groups = tuple[tuple[BlockingKey, ...], ...]
"""The keys of a group are one key read from several columns."""


def keys(identifiers: int, size: int) -> Groups:
    """The keys, with their caps, in a table of `size` records."""
    capped = (
        tuple(replace(key, cap=_cap(key, size)) for key in group) for group in _keys(identifiers)
    )
    return tuple(group for group in capped if group[0].cap)


def _keys(identifiers: int) -> Groups:
    phones = _of_slots(BlockingKey("phone", ("p{0} >> 2",)), PHONE_SLOTS)
    emails = _of_slots(BlockingKey("email", ("e{0} >> 2",)), EMAIL_SLOTS)
    local = BlockingKey("email_local", ("m{0}",), cap=10, also="length(m{0}) > 5", among_many=5)
    locals_ = _of_slots(local, EMAIL_SLOTS)
    numbers = tuple(
        (BlockingKey(f"identifier_{slot}", (f"i{slot}",)),) for slot in range(1, identifiers + 1)
    )
    return (phones, emails, locals_, *numbers, *((key,) for key in _KEYS))


def _of_slots(key: BlockingKey, slots: int) -> tuple[BlockingKey, ...]:
    """A key of the value in a slot, for each slot."""
    return tuple(
        replace(
            key,
            parts=tuple(part.format(slot) for part in key.parts),
            also=key.also.format(slot),
            table=table_of(slot),
        )
        for slot in range(1, slots + 1)
    )


_COUNTED = "coalesce(counted, first_name)"
_INITIAL = "left(first_name, 1)"
_AREA = "left(zip, 3)"
_NAME = BlockingKey(
    "name",
    # Sorted, so that a nickname and a name in the wrong order are found with the equal ones.
    (f"least({_COUNTED}, last_name)", f"greatest({_COUNTED}, last_name)"),
    20,
    # least and greatest pass over a null.
    also="first_name is not null and last_name is not null",
    among_many=10,
)
_KEYS = (
    _NAME,
    BlockingKey("name_area", (_COUNTED, "last_name", _AREA)),
    BlockingKey("skeleton", (_INITIAL, "skeleton"), 10, among_many=5),
    BlockingKey("last_birth", ("last_name", "birth")),
    BlockingKey("first_birth", ("first_name", "birth")),
    BlockingKey("birth_zip", ("birth", "zip")),
    BlockingKey("last_zip", ("last_name", "zip"), 15),
    BlockingKey("first_zip", ("first_name", "zip"), 10, among_many=0),
    BlockingKey("address", ("coalesce(house, '')", "street", "coalesce(zip, town, '')")),
    BlockingKey(
        "prefix_area",
        ("left(first_name, 3)", "left(last_name, 3)", _AREA),
        20,
        among_many=0,
    ),
    BlockingKey(
        "prefix_year",
        ("left(first_name, 2)", "left(last_name, 2)", "birth // 10000"),
        10,
        among_many=0,
    ),
    BlockingKey("business_first", ("business", "first_name")),
    BlockingKey("business_last", ("business", "last_name")),
    BlockingKey("company", ("business",), also="is_company"),
    BlockingKey("company_prefix_zip", ("left(business, 5)", "zip"), also="is_company"),
    BlockingKey("last", ("last_name",), _WIDE, among_many=0),
    BlockingKey("birth", ("birth",), _WIDE, among_many=0),
)


def telling() -> str:
    """SELECT rid, key: what records that are equal have in common, for those that say enough to be
    copies.
    """
    return (
        "select rid, hash(first_name, last_name, birth, p1 >> 2, e1 >> 2) as key"
        f" from features where {_TELLING}"
    )


def copies(identifiers: int) -> Step:
    """The step that pairs each of many equal records, as r, with the first of them, as l.

    Their blocks would be too large, and skipped. A name alone does not make two records equal.
    """
    values = ", ".join((*_COMPARED, *(f"i{slot}" for slot in range(1, identifiers + 1))))
    return Step(
        "copies",
        f"""
with telling as materialized ({telling()}), frequent as materialized (
  select rid, hash({values}) as key from features join (
    select rid from telling semi join (
      select key from telling group by key having count(*) > {FEW_COPIES}
    ) using (key)
  ) using (rid) left join further using (rid)
)
select first.l, rid as r from frequent join (
  select key, min(rid) as l from frequent group by key having count(*) > {FEW_COPIES}
) first using (key) where rid <> first.l
""",
    )


@dataclass(frozen=True, slots=True)
class Blocks:
    """The blocks of one kind of key: `keyed` is a SELECT rid, key, and records with equal keys are
    in one block, which is skipped if more than `cap` are.
    """

    name: str
    keyed: str
    cap: int


def blocks(identifiers: int, size: int, *, has_copies: bool) -> list[Blocks]:
    """The blocks of all kinds of keys, for `size` records."""
    join = "anti" if has_copies else None
    return [
        Blocks(group[0].name, keyed(group, join), group[0].cap) for group in keys(identifiers, size)
    ]


def namesakes(size: int, *, has_copies: bool) -> Step:
    """The step that pairs namesakes who are no candidates among `size` records, and would be among
    few: of one name in `NAMESAKES_IN`. It reads `copies` if there are any.

    Hardly two of them are one person, but how many there are tells what a name is worth.
    """
    named = keyed((_NAME,), "anti" if has_copies else None)
    chosen = f"select rid, key from ({named}) where key % {NAMESAKES_IN} = 0"
    skipped = range(_cap(_NAME, size) + 1, _NAME.cap + 1)
    return Step("namesakes", _in_blocks(chosen, skipped, ONLY_TO_LEARN))


def steps(blocks: Sequence[Blocks]) -> list[Step]:
    """How an engine that sorts no keys by itself makes `pairs`: by way of a table for each kind."""
    tables = [
        Step(f"block_{each.name}", _in_blocks(each.keyed, range(2, each.cap + 1), 1 << bit))
        for bit, each in enumerate(blocks)
    ]
    names = tuple(table.name for table in tables)
    union = " union all ".join(f"select l, r, found from {name}" for name in names)
    copies = f"select l, r, {1 << len(blocks)}::bigint as found from copies"
    pairs = f"select l, r, bit_or(found) as found from ({union} union all {copies}) group by l, r"
    return [*tables, Step("pairs", pairs, drops=(*names, "copies"))]


def _in_blocks(keyed: str, sizes: range, found: int) -> str:
    """SELECT l, r, found: the pairs in blocks of these sizes."""
    # Most blocks are pairs: least and greatest row name them without a join.
    return f"""
with keyed as materialized ({keyed}), blocks as materialized (
  select key, min(rid) as l, max(rid) as r, count(*) as size from keyed
  group by key having count(*) between {sizes.start} and {sizes.stop - 1}
), larger as materialized (
  select rid, key from keyed semi join (select key from blocks where size > 2) using (key)
)
select l, r, {found}::bigint as found from blocks where size = 2 and l < r
union all
select x.rid, y.rid, {found}::bigint
from larger x join larger y on x.key = y.key and x.rid < y.rid
"""


def _cap(key: BlockingKey, size: int) -> int:
    # What one name or one date finds among few records, chance finds among many.
    if size >= _MANY_RECORDS:
        return key.cap if key.among_many is None else key.among_many
    return min(key.cap, 3) if key.cap == _WIDE and size >= _FEW_RECORDS else key.cap


def keyed(group: tuple[BlockingKey, ...], copies: str | None = None) -> str:
    """SELECT rid, key: the keys of all records, of those that are copies ("semi"), or of those
    that are not ("anti").
    """
    join = f"{copies} join copies on rid = r" if copies else ""
    return " union all ".join(
        f"select rid, hash({', '.join(key.parts)}) as key from {key.table} {join}"
        f" where {' and '.join(f'({part}) is not null' for part in key.parts)} and {key.also}"
        for key in group
    )
