"""Addresses: house number, street without its type, city, postal code."""

import re

from openprofiles.resolution.normalising.folding import fold
from openprofiles.resolution.normalising.names import letters

_TYPES = (
    "street|st|avenue|ave|av|road|rd|lane|ln|drive|dr|drv|boulevard|blvd|court|ct|place|pl|circle|cir"
    "|way|terrace|ter|square|sq|crescent|cres|highway|hwy|parkway|pkwy|close|grove"
)
_TAIL = f"( ({_TYPES}))?( (apt|apartment|unit|suite|ste|flat|no|number) .*)?$"
_HOUSE = "^[0-9]+[a-z]?( |$)"

MACROS = (
    # Most lines are plain words, and take the quick way.
    "create or replace macro address_line(x) as"
    " case when regexp_full_match(x, '[A-Za-z0-9]+( [A-Za-z0-9]+)*') then lower(x) else"
    " trim(regexp_replace(split_part(replace(fold(x), '#', ' unit '), ',', 1),"
    " '[^a-z0-9]+', ' ', 'g')) end",
    f"create or replace macro house_number(line) as nullif(regexp_extract(line, '{_HOUSE}'), '')",
    "create or replace macro street_name(line, house) as"
    f" nullif(regexp_replace(substring(line, coalesce(length(house), 0) + 1), '{_TAIL}', ''), '')",
    "create or replace macro city_name(x) as nullif(letters(x), '')",
    "create or replace macro postal_code(x) as case"
    " when regexp_full_match(x, '[0-9]{5}(-?[0-9]{4})?') then left(x, 5)"
    " else nullif(regexp_replace(fold(x), '[^a-z0-9]+', '', 'g'), '') end",
    "create or replace macro postal_tail(x) as"
    " nullif(regexp_extract(x, '([0-9]{5})(-[0-9]{4})? *$', 1), '')",
    "create or replace macro identifier_text(x) as"
    " nullif(regexp_replace(fold(x), '[^a-z0-9]+', '', 'g'), '')",
)


def address_line(text: str) -> str:
    """The first part of an address, folded to words."""
    part = fold(text).replace("#", " unit ").split(",")[0]
    return re.sub("[^a-z0-9]+", " ", part).strip(" ")


def house_number(line: str) -> str | None:
    """The leading number of an address line, with the blank that follows it."""
    found = re.match(_HOUSE, line)
    return found[0] if found else None


def street_name(line: str) -> str | None:
    """An address line without number, unit and street type."""
    return re.sub(_TAIL, "", line[len(house_number(line) or "") :], count=1) or None


def city_name(text: str) -> str | None:
    """A city's name in letters."""
    return letters(text) or None


def postal_code(text: str) -> str | None:
    """A postal code in letters and digits; the first five of a ZIP+4."""
    if re.fullmatch("[0-9]{5}(-?[0-9]{4})?", text):
        return text[:5]
    return identifier_text(text)


def postal_tail(text: str) -> str | None:
    """The ZIP code that ends an address line."""
    found = re.search("([0-9]{5})(-[0-9]{4})? *\\Z", text)
    return found[1] if found else None


def identifier_text(text: str) -> str | None:
    """An identifier's letters and digits."""
    return re.sub("[^a-z0-9]+", "", fold(text)) or None
