"""A large group comes in parts, each as wide as a merge may be; pure.

Its first profile, which is the main one unless somebody says otherwise, stays in view, so that
those of each part can be merged into it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

SIDE_BY_SIDE = 20
"""As many profiles as one merge takes away, and BatchGetProfile reads at once."""

_OTHERS = SIDE_BY_SIDE - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PartLink:
    """A part, by the places of its profiles, and where it is."""

    first: int
    last: int
    url: str
    is_current: bool


def shown_of(profile_ids: Sequence[str], part: int) -> list[str]:
    """The profiles of a part, beside the group's first one; of the first part if there is none."""
    first, *others = profile_ids
    shown = others[part * _OTHERS : (part + 1) * _OTHERS] or others[:_OTHERS]
    return [first, *shown]


def parts_of(size: int, part: int, url_of: Callable[[int], str]) -> tuple[PartLink, ...]:
    """The parts of a group of a size; none where one is enough."""
    if size <= SIDE_BY_SIDE:
        return ()
    count = -(-(size - 1) // _OTHERS)
    return tuple(
        PartLink(
            first=number * _OTHERS + 2 if number else 1,
            last=min(number * _OTHERS + SIDE_BY_SIDE, size),
            url=url_of(number),
            is_current=number == (part if part < count else 0),
        )
        for number in range(count)
    )
