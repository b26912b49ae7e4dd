"""Rule matching as the reference tells it, profile by profile and pair by pair: slow and plain."""

from itertools import combinations
from typing import Any

LEVELS = ("AccountNumber", "EmailAddress LastName", "PhoneNumber FirstName")
FIELDS = {
    "AccountNumber": ("AccountNumber",),
    "EmailAddress": ("EmailAddress", "PersonalEmailAddress", "BusinessEmailAddress"),
    "PhoneNumber": ("PhoneNumber", "HomePhoneNumber", "MobilePhoneNumber", "BusinessPhoneNumber"),
    "LastName": ("LastName",),
    "FirstName": ("FirstName",),
}

Fields = dict[str, Any]


def texts(attribute: str, fields: Fields) -> set[str]:
    """What a profile has for an attribute."""
    found = (fields.get(name, "").strip() for name in FIELDS[attribute])
    plain = attribute == "AccountNumber"
    return {text if plain else text.lower() for text in found if text}


def is_match(rule: str, one: Fields, other: Fields) -> bool:
    """Whether a level ties two profiles."""
    return all(texts(name, one) & texts(name, other) for name in rule.split())


def components(rule: str, profiles: dict[str, Fields]) -> list[set[str]]:
    """The profiles that hang together on a level."""
    found: list[set[str]] = []
    for one, other in combinations(profiles, 2):
        if is_match(rule, profiles[one], profiles[other]):
            touched = [group for group in found if group & {one, other}]
            found = [group for group in found if group not in touched]
            found.append({one, other}.union(*touched))
    return found


def groups(levels: tuple[str, ...], profiles: dict[str, Fields]) -> list[tuple[int, set[str]]]:
    """The groups of all levels, sorted: those to which a profile belongs on its best level."""
    placed: set[str] = set()
    found = []
    for level, rule in enumerate(levels, 1):
        here = components(rule, profiles)
        found += [(level, group) for group in here if group - placed]
        placed = placed.union(*here)
    return sorted(found, key=lambda entry: (entry[0], sorted(entry[1])))
