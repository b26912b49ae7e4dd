"""The first step: raw columns to `cleaned`, every value normalised, phones and e-mails without
repeats.
"""

from openprofiles.resolution.fields import EMAILS, PHONES, ColumnMapping
from openprofiles.resolution.steps import Step, literal, quoted

PHONE_SLOTS, EMAIL_SLOTS = len(PHONES), len(EMAILS)

_TEXTS = {
    "first": "FirstName",
    "middle": "MiddleName",
    "last": "LastName",
    "whole": "FullName",
    "business_text": "BusinessName",
    "address": "Address1",
    "city": "City",
    "postal": "PostalCode",
}


def step(mapping: ColumnMapping, source: str, row_number: str) -> Step:
    """The step from `source` (what can stand after FROM), whose rows `row_number` numbers from
    0.
    """
    slots = "".join(f", i{slot}" for slot in range(1, len(mapping.identifiers) + 1))
    values = ", ".join(
        f"{letter}{slot}"
        for letter, last in (("p", PHONE_SLOTS), ("e", EMAIL_SLOTS))
        for slot in range(1, last + 1)
    )
    real = ", ".join(
        (
            *(f"real_phone(typed_p{slot}) as raw_p{slot}" for slot in range(1, PHONE_SLOTS + 1)),
            *(f"email_address(typed_e{slot}) as raw_e{slot}" for slot in range(1, EMAIL_SLOTS + 1)),
        )
    )
    stages = ", ".join(
        f"stage_{slot} as ({_compacted(slot)})" for slot in range(1, PHONE_SLOTS + 1)
    )
    return Step(
        "cleaned",
        f"""
with raw as (select {_raw(mapping, row_number)} from {source}),
named as (
  select *, given_name({_first(mapping)}) as given, family_name({_last(mapping)}) as last_name,
    generation(last) as generation, given_name(middle) as middle_name,
    real_date(month_first(birth_number)) as birth, business_name(business_text) as business,
    house_number(line) as house, city_name(city) as town,
    coalesce(postal_code(trim(postal)), postal_tail(address)) as zip, {real}
  from raw
),
split as (
  select *, case when has_initial(given) then split_part(given, ' ', 1) else given end as first_name
  from named
),
{stages}
select rid, first_name, nicknames.code as nickname, nicknames.counted,
  coalesce(middle_name, case when has_initial(given) then split_part(given, ' ', 2) end)
    as middle_name,
  last_name, generation, birth, business, house, street_name(line, house) as street,
  zip, town, {values}, raw_p{PHONE_SLOTS} as work_phone{slots}
from stage_{PHONE_SLOTS} left join nicknames on nicknames.name = first_name
""",
    )


def _raw(mapping: ColumnMapping, row_number: str) -> str:
    country = f"nullif(upper(trim({_column(mapping, 'Country')})), 'US')"
    if mapping.country != "US":
        # The quick way of phone_number is for North America; here every number goes to
        # phonenumbers.
        country = (
            f"coalesce(upper(trim({_column(mapping, 'Country')})), {literal(mapping.country)})"
        )
    phones = [f"phone_number(trim({_column(mapping, field)}), {country})" for field in PHONES]
    emails = [f"mail_text({_column(mapping, field)})" for field in EMAILS]
    return ", ".join(
        (
            f"({row_number})::integer as rid",
            *(f"{_column(mapping, field)} as {name}" for name, field in _TEXTS.items()),
            f"date_number(trim({_column(mapping, 'BirthDate')})) as birth_number",
            f"address_line({_column(mapping, 'Address1')}) as line",
            *(f"{phone} as typed_p{slot}" for slot, phone in enumerate(phones, 1)),
            *(f"{email} as typed_e{slot}" for slot, email in enumerate(emails, 1)),
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
    return "coalesce(first, first_of(whole))" if "FullName" in mapping.fields else "first"


def _last(mapping: ColumnMapping) -> str:
    return "coalesce(last, last_of(whole))" if "FullName" in mapping.fields else "last"


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
    return f"select *, {', '.join(columns)} from {'split' if slot == 1 else f'stage_{slot - 1}'}"
