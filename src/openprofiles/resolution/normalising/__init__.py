"""Bring raw values to comparable form, twice with one result: as SQL macros for tables, as
functions for one record.

`macros()` returns the statements that define the SQL side; each module's function is its Python
side. A test holds the two together. What SQL cannot read (other scripts, odd phone numbers, odd
dates) goes through the Python functions that `functions()` names, which the engine registers.
"""

from collections.abc import Callable

from openprofiles.resolution.normalising import (
    addresses,
    birth_dates,
    emails,
    folding,
    names,
    phones,
)

__all__ = [
    "addresses",
    "birth_dates",
    "emails",
    "folding",
    "functions",
    "macros",
    "names",
    "phones",
]


def macros() -> tuple[str, ...]:
    """The statements that define the macros, in an order in which each finds what it calls."""
    return (
        *folding.MACROS,
        *names.MACROS,
        *phones.MACROS,
        *emails.MACROS,
        *birth_dates.MACROS,
        *addresses.MACROS,
    )


def functions(country: str) -> dict[str, tuple[Callable[..., object], tuple[str, ...], str]]:
    """The scalar functions the macros call: name -> (function, SQL types in, SQL type out)."""

    def transliterate(text: str | None) -> str | None:
        return None if text is None else folding.transliterate(text)

    def parse_phone(text: str | None, record_country: str | None) -> int | None:
        return None if text is None else phones.parse(text, record_country or country)

    def parse_date(text: str | None) -> int | None:
        return None if text is None else birth_dates.parse(text)

    return {
        "transliterate": (transliterate, ("VARCHAR",), "VARCHAR"),
        "parse_phone": (parse_phone, ("VARCHAR", "VARCHAR"), "BIGINT"),
        "parse_date": (parse_date, ("VARCHAR",), "INTEGER"),
    }
