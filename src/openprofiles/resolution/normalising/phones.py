"""Phone numbers as E.164 digits in one integer; junk (`000…`, `999-999-9999`) is none."""

import re

import phonenumbers

_NORTH_AMERICAN = "([+]?1)?[2-9][0-9]{9}"
_PUNCTUATION = " -.()"
_WITHOUT_PUNCTUATION = str.maketrans("", "", _PUNCTUATION)
_JUNK = tuple(
    10_000_000_000 + number
    for number in (*(digit * 1_111_111_111 for digit in range(2, 10)), 5_551_234_567)
)

_SQUEEZED = "x"
for _character in _PUNCTUATION:
    _SQUEEZED = f"replace({_SQUEEZED}, '{_character}', '')"

# Only North American numbers take the quick way in SQL: their shape needs no metadata. The rest
# goes to phonenumbers.
MACROS = (
    "create or replace macro real_phone(n) as"
    f" case when n in ({', '.join(str(number) for number in _JUNK)}) then null else n end",
    f"create or replace macro squeezed(x) as {_SQUEEZED}",
    "create or replace macro phone_number(x, squeezed, country) as case"
    f" when country is null and regexp_full_match(squeezed, '{_NORTH_AMERICAN}')"
    " then 10000000000 + right(squeezed, 10)::bigint"
    " when x is not null then parse_phone(trim(x), coalesce(country, '')) end",
)


def parse(text: str, country: str) -> int | None:
    """E.164 digits of `text` as dialled in `country` (ISO code); None when it is no phone
    number.
    """
    squeezed = text.translate(_WITHOUT_PUNCTUATION)
    if country == "US" and re.fullmatch(_NORTH_AMERICAN, squeezed):
        return _real(10_000_000_000 + int(squeezed[-10:]))
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return _real(int(f"{number.country_code}{number.national_number}"))


def _real(number: int) -> int | None:
    digits = str(number)[-10:]
    junk = number in _JUNK or number < 1_000_000 or len(set(digits)) == 1 or digits == "1234567890"
    return None if junk else number
