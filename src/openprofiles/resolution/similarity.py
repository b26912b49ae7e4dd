"""How alike two words are, with the results of DuckDB's functions, for one pair at a time."""

_SCALE, _BOOST_FROM, _PREFIX = 0.1, 0.7, 4


def similarity(one: str, other: str) -> float:
    """Jaro-Winkler similarity of two ASCII words."""
    jaro = _jaro(one, other)
    if jaro <= _BOOST_FROM:
        return jaro
    prefix = 0
    for mine, theirs in zip(one[:_PREFIX], other[:_PREFIX], strict=False):
        if mine != theirs:
            break
        prefix += 1
    return jaro + prefix * _SCALE * (1.0 - jaro)


def _jaro(one: str, other: str) -> float:
    if one == other:
        return 1.0
    reach = max(max(len(one), len(other)) // 2 - 1, 0)
    taken = [False] * len(other)
    mine: list[str] = []
    for place, character in enumerate(one):
        for candidate in range(max(0, place - reach), min(len(other), place + reach + 1)):
            if not taken[candidate] and other[candidate] == character:
                taken[candidate] = True
                mine.append(character)
                break
    if not mine:
        return 0.0
    theirs = [character for character, used in zip(other, taken, strict=True) if used]
    exchanged = sum(a != b for a, b in zip(mine, theirs, strict=True)) // 2
    common = len(mine)
    return (common / len(one) + common / len(other) + (common - exchanged) / common) / 3.0


def one_slip(one: str, other: str) -> bool:
    """Whether one letter changed, lost, added, or two neighbours exchanged make one word the
    other.
    """
    if abs(len(one) - len(other)) > 1:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    rest, others = one[start:], other[start:]
    return (
        rest == others
        or rest[1:] == others[1:]
        or rest[1:] == others
        or rest == others[1:]
        or (rest[:2] == others[1::-1] and rest[2:] == others[2:])
    )


def two_edits(one: str, other: str) -> bool:
    """Whether at most two letters changed, lost or added make one word the other."""
    if abs(len(one) - len(other)) > 2:
        return False
    row = list(range(len(other) + 1))
    for place, mine in enumerate(one, 1):
        above, row[0] = row[0], place
        for column, theirs in enumerate(other, 1):
            change = above + (mine != theirs)
            above, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, change)
    return row[-1] <= 2


def is_round(number: int) -> bool:
    """Whether a positive number is one digit and zeros."""
    return set(str(number)[1:]) <= {"0"}


def is_slip(difference: int) -> bool:
    """Whether two numbers this far apart differ in one digit, or in two neighbours exchanged."""
    if difference < 1:
        return False
    return is_round(difference) or (difference % 9 == 0 and is_round(difference // 9))
