"""The shape of a value: what it looks like, without what it says."""

import re
import unicodedata

LONGEST = 40
_PARTS = re.compile(r"[^\W\d_]+|\d|\s+")


def shape_of(text: str) -> str:
    """Words as `A`, `a`, `Aa` or `AA` by their case, each digit as `9`, the rest as it stands:
    `+49 30 1234` is `+99 99 9999`, `Anna Berg` is `Aa Aa`.
    """
    cut = text[: LONGEST * 4]
    if not cut.isascii():
        # An accent that stands alone belongs to its letter, and would tell it.
        cut = "".join(
            character for character in cut if not unicodedata.category(character).startswith("M")
        )
    shape = _PARTS.sub(_part, cut)
    return shape if len(shape) <= LONGEST else f"{shape[:LONGEST]}…"


def _part(found: "re.Match[str]") -> str:
    part = found[0]
    if part.isspace():
        return " "
    if part.isdigit() or part.isdecimal():
        return "9"
    if part.isupper():
        return "A" if len(part) == 1 else "AA"
    return "Aa" if part[0].isupper() else "a"
