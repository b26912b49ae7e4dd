"""Compares two records, one pair at a time: what `comparing.py` says in SQL."""

from itertools import product

from openprofiles.resolution.attributes import ATTRIBUTES, PLACES
from openprofiles.resolution.nicknames_table import nickname_pairs
from openprofiles.resolution.record import Features
from openprofiles.resolution.similarity import is_round, is_slip, one_slip, similarity, two_edits

_CODES = {
    attribute.name: {level.name: number for number, level in enumerate(attribute.levels, 1)}
    for attribute in ATTRIBUTES
}
_FULL = frozenset({"full_unique", "full_rare", "full_known", "full_common"})


def compare(one: Features, other: Features) -> tuple[int, ...]:
    """The level of each attribute, in the order of ATTRIBUTES; 0 when a value is missing.

    `one` is the record with the lower row number, when both come from one table.
    """
    first = _first_name(one, other)
    found = {
        "first_name": first,
        "last_name": None if first in _FULL or first == "swapped" else _last_name(one, other),
        "middle_name": _middle_name(one.middle_name, other.middle_name),
        "generation": _equal(one.generation_beside(other), other.generation_beside(one)),
        "birth_date": _birth_date(one.birth, other.birth),
        "phone": _phone(one, other),
        "email": _email(one, other),
        "address": _address(one, other),
        "place": _place(one, other),
        "business": _business(one, other),
        "identifier": _identifier(one, other),
    }
    levels = [0] * len(ATTRIBUTES)
    for name, level in found.items():
        if level is not None:
            levels[PLACES[name]] = _CODES[name][level]
    return tuple(levels)


def _equal(one: str | None, other: str | None) -> str | None:
    if one is None or other is None:
        return None
    return "same" if one == other else "different"


def _first_name(one: Features, other: Features) -> str | None:
    mine, theirs = one.first_name, other.first_name
    if mine is None or theirs is None:
        return None
    if mine == theirs:
        if one.last_name is not None and one.last_name == other.last_name:
            return ("full_unique", "full_rare", "full_known", "full_common")[one.name_tier]
        return "same"
    if mine == other.last_name or one.last_name == theirs:
        crossed = [(mine, other.last_name), (one.last_name, theirs)]
        alike = min(similarity(a, b) for a, b in crossed if a is not None and b is not None)
        return "swapped" if alike >= 0.9 else "different"
    if (min(mine, theirs), max(mine, theirs)) in nickname_pairs():
        return "nickname"
    if len(mine) == 1 or len(theirs) == 1:
        return "initial" if mine[0] == theirs[0] else "different"
    return _spelling(mine, theirs)


def _spelling(mine: str, theirs: str) -> str:
    alike = similarity(mine, theirs)
    if alike < 0.7:
        return "different"
    if mine.startswith(f"{theirs} ") or theirs.startswith(f"{mine} "):
        return "part"
    if alike >= 0.88:
        return "typo" if two_edits(mine, theirs) else "similar"
    return "typo" if min(len(mine), len(theirs)) > 3 and one_slip(mine, theirs) else "similar"


def _last_name(one: Features, other: Features) -> str | None:
    mine, theirs = one.last_name, other.last_name
    if mine is None or theirs is None:
        return None
    if mine == theirs:
        return ("rare", "known", "common")[one.last_tier]
    alike = similarity(mine, theirs)
    if alike >= 0.9:
        return "typo"
    if " " in mine or " " in theirs:
        if f" {theirs} " in f" {mine} " or f" {mine} " in f" {theirs} ":
            return "part"
        return "similar" if alike >= 0.78 else "different"
    if alike < 0.78:
        return "different"
    return "typo" if min(len(mine), len(theirs)) > 3 and one_slip(mine, theirs) else "similar"


def _middle_name(mine: str | None, theirs: str | None) -> str | None:
    if mine is None or theirs is None:
        return None
    if mine == theirs:
        return "same"
    if len(mine) == 1 or len(theirs) == 1:
        return "initial" if mine[0] == theirs[0] else "different"
    return "same" if similarity(mine, theirs) >= 0.9 else "different"


def _birth_date(mine: int | None, theirs: int | None) -> str | None:
    if mine is None or theirs is None:
        return None
    if mine == theirs:
        return "placeholder" if mine % 10000 == 101 else "same"
    parts = [(date // 10000, date // 100 % 100, date % 100) for date in (mine, theirs)]
    (year, month, day), (other_year, other_month, other_day) = parts
    if year == other_year and 101 in {mine % 10000, theirs % 10000}:
        return "year_only"
    if year == other_year and (month, day) == (other_day, other_month):
        return "swapped"
    if sum(a == b for a, b in zip(*parts, strict=True)) == 2:
        return "one_digit" if is_round(abs(mine - theirs)) else "two_parts"
    apart = abs(year - other_year)
    close = apart in {1, 10} and abs(day - other_day) <= 3
    if abs(month - other_month) <= 1 and (apart == 0 or close):
        return "near"
    return "year" if apart == 0 else "different"


def _phone(one: Features, other: Features) -> str | None:
    if not one.phones or not other.phones:
        return None
    theirs = {number for number, _ in other.phones}
    if kinds := [kind for number, kind in one.phones if number in theirs]:
        return ("personal", "household", "office", "crowd")[min(kinds)]
    close = [(a, b) for (a, _), (b, _) in product(one.phones[:2], other.phones[:2])]
    if not any(a // 10_000_000 == b // 10_000_000 for a, b in close):
        return "different"
    return "typo" if any(is_slip(abs(a - b)) for a, b in close) else "area"


def _email(one: Features, other: Features) -> str | None:
    if not one.emails or not other.emails:
        return None
    theirs = {address for address, _ in other.emails}
    if kinds := [kind for address, kind in one.emails if address in theirs]:
        return ("personal", "derived", "shared", "role")[min(kinds)]
    mine, others = (
        [address.split("@")[0] for address, _ in record.emails[:2]] for record in (one, other)
    )
    alike = {(a, b): similarity(a, b) for a, b in product(mine, others)}
    most = max(alike.values())
    if most >= 1:
        return "same_local"
    if any(score >= 0.93 and abs(len(a) - len(b)) < 2 for (a, b), score in alike.items()):
        return "typo"
    return "similar" if most >= 0.85 else "different"


def _address(one: Features, other: Features) -> str | None:
    if one.street is None or other.street is None:
        return None
    if one.house == other.house:
        if one.street == other.street:
            return "same"
        return "similar" if similarity(one.street, other.street) >= 0.85 else "different"
    return "street" if one.street == other.street else "different"


def _place(one: Features, other: Features) -> str | None:
    if one.zip is not None and other.zip is not None:
        return _code(one, other, one.zip, other.zip)
    if one.town is None or other.town is None:
        return None
    if one.town == other.town:
        return "rare_city" if one.town_is_rare else "same_city"
    alike = similarity(one.town, other.town) >= 0.88 or one_slip(one.town, other.town)
    return "similar_city" if alike else "different_city"


def _code(one: Features, other: Features, mine: str, theirs: str) -> str:
    if mine == theirs:
        return "same_code"
    if mine[:2] != theirs[:2] and mine[-2:] != theirs[-2:]:
        return "different_code"
    if one_slip(mine, theirs):
        return "code_typo"
    same_town = one.town is not None and one.town == other.town
    return "area" if mine[:3] == theirs[:3] or same_town else "different_code"


def _business(one: Features, other: Features) -> str | None:
    if (one.is_company and other.has_name) or (other.is_company and one.has_name):
        return "kind"
    mine, theirs = one.business, other.business
    if mine is None or theirs is None:
        return None
    level = "different"
    if mine == theirs:
        level = "same"
    elif similarity(mine, theirs) >= 0.9:
        level = "similar"
    return f"company_{level}" if one.is_company and other.is_company else level


def _identifier(one: Features, other: Features) -> str | None:
    pairs = [
        (a, b)
        for a, b in zip(one.identifiers, other.identifiers, strict=True)
        if a is not None and b is not None
    ]
    if not pairs:
        return None
    if any(a == b for a, b in pairs):
        return "same"
    return "typo" if any(len(a) > 4 and one_slip(a, b) for a, b in pairs) else "different"
