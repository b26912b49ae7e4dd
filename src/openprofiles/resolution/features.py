"""The steps from `cleaned` to `features`, one comparable row for each record.

| table | what |
|---|---|
| `first_names`, `last_names`, `towns` | how many records have a name |
| `phone_values`, `email_values` | the kind of values that are not one person's |
| `features` | `cleaned` with these findings; a value's kind is in its lowest two bits |
| `further` | the third and further phones and addresses of the few who have so many |
"""

from openprofiles.resolution import cleaning, kept
from openprofiles.resolution.fields import ColumnMapping
from openprofiles.resolution.normalising.emails import ROLES
from openprofiles.resolution.slots import EMAIL_SLOTS, FEW, PHONE_SLOTS
from openprofiles.resolution.steps import Step

PERSONAL = 0
HOUSEHOLD, OFFICE, CROWD = 1, 2, 3
"""Kinds of phones beside personal ones."""
DERIVED, SHARED, ROLE = 1, 2, 3
"""Kinds of e-mail addresses beside personal ones."""
MANY_HOLDERS, MANY_PHONE_INITIALS, MANY_EMAIL_INITIALS = 40, 6, 4
_ROLES = ", ".join(f"'{role}'" for role in ROLES.split("|"))
# One person may well have fifty records; then all bear one name.
_MANY = f"(holders > {MANY_HOLDERS} and not (firsts = 1 and lasts = 1))"


def steps(mapping: ColumnMapping, source: str, row_number: str) -> list[Step]:
    """Steps from `source` (what can stand after FROM), whose rows `row_number` numbers from 0."""
    reading = kept if mapping.kept else cleaning
    return [
        *reading.steps(mapping, source, row_number),
        Step("size", f"select count(*) n from {source}"),
        Step("phone_values", _phone_values()),
        Step("email_values", _email_values()),
        Step("further", _further("cleaned")),
        Step("features", _features(len(mapping.identifiers)), drops=("cleaned",)),
    ]


def steps_of_some(source: str, slots: int, *, judged: bool = True) -> list[Step]:
    """Steps for some of the records, which are in the table `source` as `kept.read` gives them;
    `size`, `first_names` and so on, `phone_values` and `email_values` tell of all.

    Without `judged` the last two are not looked at, and all values are taken for personal ones,
    which makes no other keys.
    """
    kinds = (("phone", "p", PHONE_SLOTS, "bigint"), ("email", "e", EMAIL_SLOTS, "varchar"))
    values = [
        Step(
            f"some_{name}_values",
            # A join would look at the kinds of all values, once for each slot.
            f"from {name}_values semi join ({_held(letter, last, source)}) using (value)"
            if judged
            else f"select null::{type} as value, null::tinyint as kind limit 0",
        )
        for name, letter, last, type in kinds
    ]
    cleaned = kept.cleaned(f"from {source}", slots)
    return [
        *kept.dictionaries_of_some(source),
        *values,
        Step("further", _further(source, "some_")),
        Step(
            "features",
            f"with cleaned as ({cleaned}) {_features(slots, 'some_')}",
            drops=(*kept.DICTIONARIES, *(step.name for step in values)),
        ),
    ]


def _held(letter: str, slots: int, source: str) -> str:
    return " union all ".join(
        f"select {letter}{slot} as value from {source}" for slot in range(1, slots + 1)
    )


def kinds_of_some(source: str, slots: int) -> list[Step]:
    """Steps from the table `source`, which has all holders of some values, to the tables
    `phone_kinds` and `email_kinds`: the kinds of those of them that are not one person's.
    """
    return [
        *kept.dictionaries_of_some(source),
        Step("cleaned", kept.cleaned(f"from {source}", slots), drops=kept.DICTIONARIES),
        Step("phone_kinds", _phone_values()),
        Step("email_kinds", _email_values(), drops=("cleaned",)),
    ]


def _holders(letter: str, slots: int) -> str:
    """Every value with the initials of its holder, as bits that an aggregate can join."""
    return " union all ".join(
        f"select {letter}{slot} as value, {_bit('coalesce(counted, first_name)')} as firsts,"
        f" {_bit('last_name')} as lasts, first_name, last_name, work_phone"
        f" from cleaned where {letter}{slot} is not null"
        for slot in range(1, slots + 1)
    )


def _bit(name: str) -> str:
    return f"coalesce(1 << (ascii({name}) - 97), 0)"


def _phone_values() -> str:
    return f"""
select value, case when {_MANY} or firsts > {MANY_PHONE_INITIALS} then {CROWD}
  when office or (firsts > 1 and lasts > 2) then {OFFICE} else {HOUSEHOLD} end::tinyint as kind
from (
  select value, count(*) as holders, bit_count(bit_or(firsts)) as firsts,
    bit_count(bit_or(lasts)) as lasts, coalesce(bool_or(value = work_phone), false) as office
  from ({_holders("p", PHONE_SLOTS)}) group by value
) where office or firsts > 1 or {_MANY}
"""


def _email_values() -> str:
    return f"""
select value, case
  when role or {_MANY} or firsts > {MANY_EMAIL_INITIALS} then {ROLE}
  when firsts > 1 then {SHARED} else {DERIVED} end::tinyint as kind
from (
  select value, count(*) as holders, bit_count(bit_or(firsts)) as firsts,
    bit_count(bit_or(lasts)) as lasts, bool_or(spells(value, first_name, last_name)) as derived,
    split_part(value, '@', 1) in ({_ROLES}) as role
  from ({_holders("e", EMAIL_SLOTS)}) group by value
) where role or derived or firsts > 1 or {_MANY}
"""


def _features(identifiers: int, prefix: str = "") -> str:
    slots = "".join(f", c.i{slot}" for slot in range(1, identifiers + 1))
    few = range(1, FEW + 1)
    return f"""
select c.rid, c.first_name, c.nickname, c.counted, c.middle_name, c.last_name, c.skeleton,
  generation_code(c.generation) as generation,
  c.birth, c.business, c.house, c.street, c.zip, c.town,
  town_is_rare(c.town_holders, s.n) as town_is_rare,
  (c.first_name is null and c.last_name is null and c.business is not null) as is_company,
  last_name_tier(c.last_holders, s.n)::tinyint as last_tier,
  full_name_tier(c.first_holders, c.last_holders, s.n)::tinyint as name_tier,
  {_values(few, few)}{slots}
from cleaned c cross join size s
{_kinds(few, few, prefix)}
"""


def _further(source: str, prefix: str = "") -> str:
    phones, emails = range(FEW + 1, PHONE_SLOTS + 1), range(FEW + 1, EMAIL_SLOTS + 1)
    return f"""
select c.rid, {_values(phones, emails)} from {source} c
{_kinds(phones, emails, prefix)}
where c.p{FEW + 1} is not null or c.e{FEW + 1} is not null
"""


def _values(phones: range, emails: range) -> str:
    """The values in these slots, each with its kind."""
    return ", ".join(
        (
            *(f"c.p{slot} * 4 + coalesce(pv{slot}.kind, {PERSONAL}) as p{slot}" for slot in phones),
            *(
                f"case when c.e{slot} is not null then (hash(c.e{slot}) >> 3)::bigint * 4"
                f" + coalesce(ev{slot}.kind, {PERSONAL}) end as e{slot},"
                f" split_part(c.e{slot}, '@', 1) as m{slot}"
                for slot in emails
            ),
        )
    )


def _kinds(phones: range, emails: range, prefix: str) -> str:
    """The joins that find the kinds."""
    return " ".join(
        f"left join {prefix}{table}_values {letter}v{slot}"
        f" on {letter}v{slot}.value = c.{letter}{slot}"
        for table, letter, slots in (("phone", "p", phones), ("email", "e", emails))
        for slot in slots
    )
