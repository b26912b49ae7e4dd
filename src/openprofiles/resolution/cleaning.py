"""The first steps: raw columns to `cleaned`, every value normalised, phones and e-mails without
repeats.

Names, cities and postal codes repeat: each text is normalised once, in a table of its own
(`given_texts` and so on), and looked up.
"""

from openprofiles.resolution.fields import EMAILS, PHONES, ColumnMapping
from openprofiles.resolution.slots import EMAIL_SLOTS, PHONE_SLOTS
from openprofiles.resolution.steps import Step, literal, quoted

SKELETON = "left(name, 1) || translate(name[2:], 'aeiouyhw ', '')"
_DICTIONARIES = ("given_texts", "family_texts", "city_texts", "code_texts")


def steps(mapping: ColumnMapping, source: str, row_number: str) -> list[Step]:
    """The steps from `source` (what can stand after FROM), whose rows `row_number` numbers from
    0.
    """
    return [
        *_dictionaries(mapping, source),
        Step("cleaned", _cleaned(mapping, source, row_number), drops=_DICTIONARIES),
    ]


def _dictionaries(mapping: ColumnMapping, source: str) -> list[Step]:
    """Each text of a column with its count, what it becomes, and how many records have this."""

    def texts(expression: str, count: str = "count(*)") -> str:
        return f"select {expression} as text, {count} as n from {source} group by 1"

    middle = texts(_column(mapping, "MiddleName"), "0")
    return [
        Step(
            "given_texts",
            f"""
with known as (
  select text, sum(n)::bigint as n, person_name(text) as given,
    generation(text) as generation
  from ({texts(_first(mapping))} union all {middle}) where text is not null group by text
), split as (
  select *, case when has_initial(given) then split_part(given, ' ', 1) else given end as name,
    case when has_initial(given) then split_part(given, ' ', 2) end as initial
  from known
)
select text, given, name, initial, generation, (sum(n) over (partition by name))::bigint as holders,
  nicknames.code as nickname, nicknames.counted
from split left join nicknames using (name)
""",
        ),
        Step(
            "family_texts",
            f"""
select *, (sum(n) over (partition by name))::bigint as holders,
  {SKELETON} as skeleton
from (select text, n, person_name(text) as name, generation(text) as generation
  from ({texts(_last(mapping))}) where text is not null)
""",
        ),
        Step(
            "city_texts",
            "select *, (sum(n) over (partition by name))::bigint as holders from"
            f" (select text, n, city_name(text) as name from ({texts(_column(mapping, 'City'))})"
            " where text is not null)",
        ),
        Step(
            "code_texts",
            "select text, postal_code(trim(text)) as name from"
            f" ({texts(_column(mapping, 'PostalCode'))}) where text is not null",
        ),
        *counts(),
    ]


def counts() -> list[Step]:
    """How many records have each name or town, by the tables of texts."""
    return [
        Step(
            f"{name}s",
            f"select distinct name as {name}, holders as n from {table}"
            " where name is not null and holders > 0",
        )
        for name, table in (
            ("first_name", "given_texts"),
            ("last_name", "family_texts"),
            ("town", "city_texts"),
        )
    ]


def _cleaned(mapping: ColumnMapping, source: str, row_number: str) -> str:
    slots = "".join(f", i{slot}" for slot in range(1, len(mapping.identifiers) + 1))
    values = ", ".join(
        f"{letter}{slot}"
        for letter, last in (("p", PHONE_SLOTS), ("e", EMAIL_SLOTS))
        for slot in range(1, last + 1)
    )
    phones, emails = range(1, PHONE_SLOTS + 1), range(1, EMAIL_SLOTS + 1)
    country = _country(mapping)
    # An alias used in the same SELECT is pasted, not computed once: hence a level for each thing
    # that builds on another.
    squeezed = ", ".join(
        (
            *(f"squeezed(typed_p{slot}) as squeezed_p{slot}" for slot in phones),
            *(f"mail_local(mail_e{slot}) as local_e{slot}" for slot in emails),
            *(f"mail_domain(mail_e{slot}) as domain_e{slot}" for slot in emails),
        )
    )
    parsed = ", ".join(
        (
            *(
                f"phone_number(typed_p{slot}, squeezed_p{slot}, country) as number_p{slot}"
                for slot in phones
            ),
            *(f"email_address(local_e{slot}, domain_e{slot}) as raw_e{slot}" for slot in emails),
        )
    )
    real = ", ".join(f"real_phone(number_p{slot}) as raw_p{slot}" for slot in phones)
    stages = ", ".join(
        f"stage_{slot} as ({_compacted(slot)})" for slot in range(1, PHONE_SLOTS + 1)
    )
    return f"""
with raw as (select {_raw(mapping, row_number)} from {source}),
squeezed as (select *, {country} as country, {squeezed} from raw),
parsed as (
  select *, real_date(month_first(birth_number)) as birth, house_number(line) as house, {parsed}
  from squeezed
),
read as (select *, {real} from parsed),
{stages}
select rid, first.name as first_name, first.holders as first_holders, first.nickname,
  first.counted, coalesce(middle.given, first.initial) as middle_name,
  last.name as last_name, last.holders as last_holders, last.skeleton,
  coalesce(last.generation, first.generation) as generation,
  birth, business, house, street_name(line, house) as street,
  coalesce(code.name, zip_tail) as zip, city.name as town, city.holders as town_holders,
  {values}, raw_p{PHONE_SLOTS} as work_phone{slots}
from stage_{PHONE_SLOTS} left join given_texts first on first.text = first_text
left join given_texts middle on middle.text = middle_text
left join family_texts last on last.text = last_text
left join city_texts city on city.text = city_text
left join code_texts code on code.text = code_text
"""


def _country(mapping: ColumnMapping) -> str:
    """The country to dial from; null for where phone_number knows the quick way."""
    if mapping.country == "US":
        return "nullif(country_text, 'US')"
    return f"coalesce(country_text, {literal(mapping.country)})"


def _raw(mapping: ColumnMapping, row_number: str) -> str:
    return ", ".join(
        (
            f"({row_number})::integer as rid",
            f"{_first(mapping)} as first_text",
            f"{_column(mapping, 'MiddleName')} as middle_text",
            f"{_last(mapping)} as last_text",
            f"{_column(mapping, 'City')} as city_text",
            f"{_column(mapping, 'PostalCode')} as code_text",
            f"business_name({_column(mapping, 'BusinessName')}) as business",
            f"date_number(trim({_column(mapping, 'BirthDate')})) as birth_number",
            f"address_line({_column(mapping, 'Address1')}) as line",
            f"postal_tail({_column(mapping, 'Address1')}) as zip_tail",
            f"upper(trim({_column(mapping, 'Country')})) as country_text",
            *(
                f"{_column(mapping, field)} as typed_p{slot}"
                for slot, field in enumerate(PHONES, 1)
            ),
            *(
                f"mail({_column(mapping, field)}) as mail_e{slot}"
                for slot, field in enumerate(EMAILS, 1)
            ),
            *(
                f"identifier_text({quoted(column)}::varchar) as i{slot}"
                for slot, column in enumerate(mapping.identifiers, 1)
            ),
        )
    )


def _column(mapping: ColumnMapping, field: str) -> str:
    columns = mapping.fields.get(field, ())
    if not columns:
        return "null::varchar"
    if len(columns) == 1:
        return f"nullif({quoted(columns[0])}::varchar, '')"
    parts = ", ".join(f"nullif(trim({quoted(column)}::varchar), '')" for column in columns)
    return f"nullif(concat_ws(' ', {parts}), '')"


def _first(mapping: ColumnMapping) -> str:
    return _of_whole(mapping, "FirstName", "first_of")


def _last(mapping: ColumnMapping) -> str:
    return _of_whole(mapping, "LastName", "last_of")


def _of_whole(mapping: ColumnMapping, field: str, part: str) -> str:
    """A name, or what stands for it in the whole one."""
    if "FullName" not in mapping.fields:
        return _column(mapping, field)
    return f"coalesce({_column(mapping, field)}, {part}({_column(mapping, 'FullName')}))"


def _compacted(slot: int) -> str:
    """Fill one slot with the first raw value that no earlier slot has."""
    columns = []
    for letter, slots in (("p", PHONE_SLOTS), ("e", EMAIL_SLOTS)):
        if slot > slots:
            continue
        values = []
        for raw in range(slot, slots + 1):
            new = " and ".join(
                f"raw_{letter}{raw} <> {letter}{earlier}" for earlier in range(1, slot)
            )
            value = f"raw_{letter}{raw}"
            values.append(f"case when {new} then {value} end" if new else value)
        columns.append(f"coalesce({', '.join(values)}) as {letter}{slot}")
    return f"select *, {', '.join(columns)} from {'read' if slot == 1 else f'stage_{slot - 1}'}"
