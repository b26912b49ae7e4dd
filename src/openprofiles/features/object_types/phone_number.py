"""One form for a phone number however it is written: E.164 where the number is possible, else its
digits.

The documented equalities are `+15551234567` = `(555)-123-4567` and `+1 (206) 345-7890` =
`2063457890`, so a number without country code is one of the United States, and a leading `00`
stands for `+` (core reference §5.4, §12).
"""

import re
import unicodedata
from functools import lru_cache

from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    NumberParseException,
    PhoneMetadata,
    PhoneNumberFormat,
    ValidationResult,
    country_code_for_region,
    format_number,
    is_possible_number_with_reason,
    parse,
    region_code_for_country_code,
)

HOME_REGION = "US"
LONGEST_WITHOUT_LIBRARY = 40

_PUNCTUATION = str.maketrans("", "", " ().-")
_LEADING_ZEROS = re.compile(r"[^+0-9]*0[^+0-9]*0")
_DIGITS_ONLY = re.compile(r"[^0-9]")


def beginnings(text: str) -> list[str]:
    """How numbers that begin with `text` are written once they are normalised: as one of another
    country, of this one, and as digits that are no possible number. It has some digits.
    """
    digits = _DIGITS_ONLY.sub("", text)
    if text.lstrip().startswith("+"):
        return [f"+{digits}"]
    if digits.startswith("00"):
        return [f"+{digits[2:]}", digits]
    return [f"+{country_code_for_region(HOME_REGION)}{digits}", f"+{digits}", digits]


@lru_cache(maxsize=1000)
def normalise(text: str) -> str:
    """`text` as `+` and digits (`x` and digits for an extension), as digits alone when no such
    number is possible.

    Empty when there is no digit in it.
    """
    return _normalise_common(text) or normalise_any(text)


def _normalise_common(text: str) -> str | None:
    """What `normalise_any` says of plainly written numbers, ten times faster; None for all
    others.
    """
    digits = text.lstrip("+").translate(_PUNCTUATION)
    if not (digits.isascii() and digits.isdigit()) or len(text) > LONGEST_WITHOUT_LIBRARY:
        return None
    if text[0] != "+" and digits[:2] != "00":
        return _normalise_home(digits)
    return _normalise_international(digits if text[0] == "+" else digits[2:])


def _normalise_home(digits: str) -> str | None:
    if len(digits) == 10 and digits[0] > "1":
        return f"+1{digits}"
    if len(digits) == 11 and digits[0] == "1" and digits[1] > "1":
        return f"+{digits}"
    return None


def _normalise_international(digits: str) -> str | None:
    for width in (1, 2, 3):
        plan = _plan(digits[:width])
        if plan is not None:
            lengths, national_prefix = plan
            national = digits[width:]
            unchanged = national_prefix is None or not national_prefix.match(national)
            return f"+{digits}" if unchanged and len(national) in lengths else None
    return None


@lru_cache(maxsize=1000)
def _plan(country_code: str) -> tuple[frozenset[int], re.Pattern[str] | None] | None:
    """Lengths that national numbers of a country can have, and what the library would strip
    from their start.
    """
    if country_code[:1] in {"", "0"} or int(country_code) not in COUNTRY_CODE_TO_REGION_CODE:
        return None
    region = region_code_for_country_code(int(country_code))
    metadata = PhoneMetadata.metadata_for_region_or_calling_code(int(country_code), region)
    if metadata is None or metadata.general_desc is None:
        raise AssertionError(f"phonenumbers knows country code {country_code}, but not its plan")
    prefix = metadata.national_prefix_for_parsing
    return frozenset(metadata.general_desc.possible_length), re.compile(prefix) if prefix else None


@lru_cache(maxsize=10_000)
def normalise_any(text: str) -> str:
    """The same as `normalise`, always by the library."""
    ascii_text = "".join(
        str(unicodedata.decimal(letter)) if letter.isdecimal() else letter
        for letter in text.replace("\N{FULLWIDTH PLUS SIGN}", "+")
    )
    digits = _DIGITS_ONLY.sub("", ascii_text)
    if not digits:
        return ""
    leading_zeros = _LEADING_ZEROS.match(ascii_text)
    if leading_zeros:
        ascii_text = f"+{ascii_text[leading_zeros.end() :]}"
        digits = digits[2:]
    return _as_e164(ascii_text) or digits


def _as_e164(text: str) -> str | None:
    try:
        number = parse(text, HOME_REGION)
    except NumberParseException:
        return None
    if is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return None
    written = format_number(number, PhoneNumberFormat.E164)
    return f"{written}x{number.extension}" if number.extension else written
