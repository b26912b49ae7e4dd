"""One form for a decimal number however it is written: `0042`, `42.0` and `4.2e1` are `42`."""

import re

LONGEST_PLAIN = 300
"""Zeros that are written out; beyond, an exponent is kept, so that `1e999999` costs nothing."""

_DECIMAL = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]{1,6}))?", re.ASCII)


def normalise(text: str) -> str:
    """`text` in canonical decimal form; unchanged when it is not a number."""
    match = _DECIMAL.fullmatch(text.strip())
    if match is None:
        return text
    sign, whole, fraction, exponent = match.groups(default="")
    if not whole and not fraction:
        return text
    digits = (whole + fraction).lstrip("0")
    if not digits:
        return "0"
    significant = digits.rstrip("0")
    power = int(exponent or 0) - len(fraction) + len(digits) - len(significant)
    return ("-" if sign == "-" else "") + _written(significant, power)


def _written(digits: str, power: int) -> str:
    """`digits` times ten to the `power`."""
    if abs(power) > LONGEST_PLAIN:
        return f"{digits}e{power}"
    if power >= 0:
        return digits + "0" * power
    padded = digits.rjust(1 - power, "0")
    return f"{padded[:power]}.{padded[power:]}"


def text_of(number: int | float) -> str:
    """The shortest decimal text of a JSON number: `1234`, `12.5`, `42` for 42.0 (core reference
    §4.2).
    """
    if isinstance(number, int):
        return _digits_of(number)
    if number.is_integer() and abs(number) < 1e16:
        return str(int(number))
    shortest = repr(number)
    return normalise(shortest) if "e" in shortest and 1e-7 <= abs(number) < 1e21 else shortest


def _digits_of(number: int) -> str:
    try:
        return str(number)
    except ValueError:
        # Python writes no integer of more than 4,300 digits; the value is then beyond
        # every limit, and refused.
        return f"{number:x}"
