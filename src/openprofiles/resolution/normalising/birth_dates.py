"""Birth dates as integers yyyymmdd; 0101 is kept, since many write it when they know only the
year.
"""

import re

MACROS = (
    "create or replace macro date_number(x) as case"
    " when regexp_full_match(x, '[0-9]{4}-[0-9]{2}-[0-9]{2}') then replace(x, '-', '')::integer"
    " when regexp_full_match(x, '[0-9]{2}/[0-9]{2}/[0-9]{4}') then"
    " (right(x, 4) || left(x, 2) || substring(x, 4, 2))::integer"
    " when regexp_full_match(x, '[0-9]{8}') then x::integer"
    " when x is not null then parse_date(x) end",
    "create or replace macro month_first(n) as case when n // 100 % 100 > 12 and n % 100 <= 12"
    " then n // 10000 * 10000 + n % 100 * 100 + n // 100 % 100 else n end",
    "create or replace macro real_date(n) as case when n // 10000 between 1850 and 2100"
    " and n // 100 % 100 between 1 and 12 and n % 100 between 1 and 31 and n <> 19000101"
    " then n end",
)


_MONTHS = tuple("jan feb mar apr may jun jul aug sep oct nov dec".split())  # noqa: SIM905  read as words
_BIG_END = re.compile("([0-9]{4})[-/. ]?([0-9]{1,2})[-/. ]?([0-9]{1,2})")
_SMALL_END = re.compile("([0-9]{1,2})([/. -])([0-9]{1,2})[/. -]([0-9]{4}|[0-9]{2})")
_MONTH_NAMED = re.compile("([a-z]{3})[a-z]*[-/. ]+([0-9]{1,2})[-/., ]+([0-9]{4}|[0-9]{2})")
_DAY_FIRST = re.compile("([0-9]{1,2})[-/. ]+([a-z]{3})[a-z]*[-/., ]+([0-9]{4}|[0-9]{2})")
_NEWEST_SHORT_YEAR = 25


def parse(text: str) -> int | None:
    """yyyymmdd of a date written in any common order, real or not; None when it is no date.

    `03/04/1990` is read month first, as the API's home does; the level `swapped` forgives the other
    reading.
    """
    if iso := re.fullmatch("([0-9]{4}-[0-9]{2}-[0-9]{2})[T ].*", text, re.DOTALL):
        return int(iso[1].replace("-", ""))
    if big_end := _BIG_END.fullmatch(text):
        year, month, day = (int(part) for part in big_end.groups())
        return year * 10000 + month * 100 + day
    if small_end := _SMALL_END.fullmatch(text):
        month, day = int(small_end[1]), int(small_end[3])
        if small_end[2] == ".":
            month, day = day, month
        return _year(small_end[4]) * 10000 + month * 100 + day
    return int(text) * 10000 + 101 if re.fullmatch("[0-9]{4}", text) else _parse_words(text.lower())


def _parse_words(text: str) -> int | None:
    if named := _MONTH_NAMED.fullmatch(text):
        month, day, year = named.groups()
    elif first := _DAY_FIRST.fullmatch(text):
        day, month, year = first.groups()
    else:
        return None
    if month not in _MONTHS:
        return None
    return _year(year) * 10000 + (_MONTHS.index(month) + 1) * 100 + int(day)


def _year(digits: str) -> int:
    year = int(digits)
    if len(digits) == 4:
        return year
    return year + (2000 if year <= _NEWEST_SHORT_YEAR else 1900)


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
