"""Birth dates as integers yyyymmdd; 0101 is kept, since many write it when they know only the
year.
"""

import re

MACROS = (
    "create or replace temp macro date_number(x) as case"
    " when regexp_full_match(x, '[0-9]{4}-[0-9]{2}-[0-9]{2}') then replace(x, '-', '')::integer"
    " when regexp_full_match(x, '[0-9]{2}/[0-9]{2}/[0-9]{4}') then"
    " (right(x, 4) || left(x, 2) || substring(x, 4, 2))::integer"
    " when regexp_full_match(x, '[0-9]{8}') then x::integer"
    " when x is not null then parse_date(x) end",
    "create or replace temp macro month_first(n) as case when n // 100 % 100 > 12 and n % 100 <= 12"
    " then n // 10000 * 10000 + n % 100 * 100 + n // 100 % 100 else n end",
    "create or replace temp macro real_date(n) as case when n // 10000 between 1850 and 2100"
    " and n // 100 % 100 between 1 and 12 and n % 100 between 1 and 31 and n <> 19000101"
    " then n end",
)


def parse(text: str) -> int | None:
    """yyyymmdd of a date written in any common order, real or not; None when it is no date.

    `03/04/1990` is read month first, as the API's home does; the level `swapped` forgives the other
    reading.
    """
    if iso := re.fullmatch("([0-9]{4}-[0-9]{2}-[0-9]{2})[T ].*", text, re.DOTALL):
        return int(iso[1].replace("-", ""))
    if big_end := re.fullmatch("([0-9]{4})[-/. ]?([0-9]{1,2})[-/. ]?([0-9]{1,2})", text):
        year, month, day = (int(part) for part in big_end.groups())
    elif small_end := re.fullmatch("([0-9]{1,2})([/. -])([0-9]{1,2})[/. -]([0-9]{4})", text):
        month, day, year = (int(small_end[place]) for place in (1, 3, 4))
        if small_end[2] == ".":
            month, day = day, month
    elif re.fullmatch("[0-9]{4}", text):
        year, month, day = int(text), 1, 1
    else:
        return None
    return year * 10000 + month * 100 + day


def birth_date(text: str) -> int | None:
    """yyyymmdd of a plausible birth date, else None; 1900-01-01 is a placeholder."""
    number = parse(text)
    if number is None:
        return None
    year, month, day = number // 10000, number // 100 % 100, number % 100
    if month > 12 and day <= 12:
        month, day = day, month
    number = year * 10000 + month * 100 + day
    plausible = 1850 <= year <= 2100 and 1 <= month <= 12 and 1 <= day <= 31
    return number if plausible and number != 19000101 else None
