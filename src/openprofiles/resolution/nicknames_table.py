"""Which first names may mean the same person, from the package `nicknames`."""

from functools import cache
from itertools import combinations

from nicknames import name_triplets

from openprofiles.resolution.normalising.names import letters


@cache
def nickname_pairs() -> frozenset[tuple[str, str]]:
    """Ordered pairs (a < b): a nickname and its name, or two nicknames of one name."""
    groups: dict[str, set[str]] = {}
    for triplet in name_triplets():
        name, nickname = letters(triplet.name1), letters(triplet.name2)
        groups.setdefault(name, {name}).add(nickname)
    return frozenset(
        (min(pair), max(pair))
        for group in groups.values()
        for pair in combinations(sorted(group), 2)
    )


@cache
def full_names() -> dict[str, str]:
    """Nickname -> the name it is counted under, so that `Bob` and `Robert` are one initial."""
    counted: dict[str, str] = {}
    for triplet in name_triplets():
        counted.setdefault(letters(triplet.name2), letters(triplet.name1))
    return {nickname: name for nickname, name in counted.items() if counted.get(name) != nickname}
