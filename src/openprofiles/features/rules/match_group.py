"""A group of profiles that a rule holds for one customer, and its id."""

import re
from dataclasses import dataclass

from openprofiles.core.ids import Id
from openprofiles.features.rules.rule import LEVELS

_MATCH_ID = re.compile(r"([0-9a-f]{2})([0-9a-f]{32})")


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchGroup:
    """Profiles that are connected by values of one level; `profile_ids` in order."""

    match_id: str
    level: int
    profile_ids: tuple[Id, ...]


def match_id_of(level: int, value: Id) -> str:
    """The id of the group of a level whose smallest value is `value`."""
    return f"{level:02x}{value}"


def parse_match_id(match_id: str) -> tuple[int, Id] | None:
    """The level and the value of a match id; None when it is none."""
    found = _MATCH_ID.fullmatch(match_id)
    if found is None or not 1 <= int(found[1], 16) <= LEVELS:
        return None
    return int(found[1], 16), found[2]
