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
    """The cap in a table of many records, when it is another."""
    table: str = "features"


def keys(identifiers: int) -> tuple[tuple[BlockingKey, ...], ...]:
    """Groups of keys; the keys of a group are one key read from several columns."""
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
_KEYS = (
    # Sorted, so that a nickname and a name in the wrong order are found with the equal ones.
    BlockingKey(
        "name",
        (f"least({_COUNTED}, last_name)", f"greatest({_COUNTED}, last_name)"),
        20,
        # least and greatest pass over a null.
        also="first_name is not null and last_name is not null",
        among_many=10,
    ),
    BlockingKey("name_area", (_COUNTED, "last_name", _AREA)),
    BlockingKey("skeleton", (_INITIAL, "skeleton"), 10, among_many=5),
    BlockingKey("last_birth", ("last_name", "birth")),
    BlockingKey("first_birth", ("first_name", "birth")),
    BlockingKey("birth_zip", ("birth", "zip")),
    BlockingKey("last_zip", ("last_name", "zip"), 15),
    BlockingKey("first_zip", ("first_name", "zip"), 10),
    BlockingKey("address", ("coalesce(house, '')", "street", "coalesce(zip, town, '')")),
    BlockingKey("prefix_area", ("left(first_name, 3)", "left(last_name, 3)", _AREA), 20),
    BlockingKey(
        "prefix_year",
        ("left(first_name, 2)", "left(last_name, 2)", "birth // 10000"),
        10,
        among_many=4,
    ),
    BlockingKey("business_first", ("business", "first_name")),
    BlockingKey("business_last", ("business", "last_name")),
    BlockingKey("company", ("business",), also="is_company"),
    BlockingKey("company_prefix_zip", ("left(business, 5)", "zip"), also="is_company"),
    BlockingKey("last", ("last_name",), _WIDE, among_many=2),
    BlockingKey("birth", ("birth",), _WIDE, among_many=2),
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
    """The step that pairs each of many equal records with the first of them.

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
select first.l, rid as r, {1 << len(keys(identifiers))}::bigint as found from frequent join (
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
        Blocks(group[0].name, keyed(group, join), cap(group[0], size))
        for group in keys(identifiers)
    ]


def namesakes(size: int, *, has_copies: bool) -> Step:
    """The step that pairs namesakes who are no candidates among `size` records, and would be among
    few: of one name in `NAMESAKES_IN`. It reads `copies` if there are any.

    Hardly two of them are one person, but how many there are tells what a name is worth.
    """
    (key,) = next(group for group in keys(0) if group[0].name == "name")
    chosen = keyed((key,), "anti" if has_copies else None)
    return Step(
        "namesakes",
        f"""
with keyed as materialized (
  select rid, key from ({chosen}) where key % {NAMESAKES_IN} = 0
), namesakes as materialized (
  select rid, key from keyed semi join (
    select key from keyed group by key having count(*) between {cap(key, size) + 1} and {key.cap}
  ) using (key)
)
select x.rid as l, y.rid as r from namesakes x join namesakes y on x.key = y.key and x.rid < y.rid
""",
    )


def steps(blocks: Sequence[Blocks]) -> list[Step]:
    """How an engine that sorts no keys by itself makes `pairs`: by way of a table for each kind."""
    tables = [
        Step(f"block_{each.name}", _in_blocks(each, 1 << bit)) for bit, each in enumerate(blocks)
    ]
    names = (*(table.name for table in tables), "copies")
    union = " union all ".join(f"select l, r, found from {name}" for name in names)
    pairs = f"select l, r, bit_or(found) as found from ({union}) group by l, r"
    return [*tables, Step("pairs", pairs, drops=names)]


def _in_blocks(blocks: Blocks, found: int) -> str:
    # Most blocks are pairs: least and greatest row name them without a join.
    return f"""
with keyed as materialized ({blocks.keyed}), blocks as materialized (
  select key, min(rid) as l, max(rid) as r, count(*) as size from keyed
  group by key having count(*) between 2 and {blocks.cap}
), larger as materialized (
  select rid, key from keyed semi join (select key from blocks where size > 2) using (key)
)
select l, r, {found}::bigint as found from blocks where size = 2 and l < r
union all
select x.rid, y.rid, {found}::bigint
from larger x join larger y on x.key = y.key and x.rid < y.rid
"""


def cap(key: BlockingKey, size: int) -> int:
    """How many records may share a key in a table of `size` records."""
    # What one name or one date finds among few records, chance finds among many.
    if size >= _MANY_RECORDS:
        return key.among_many or key.cap
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
