"""Matches that somebody left for later. Their browser remembers it, the newest of them: others may
decide them meanwhile, and a new run, which puts matches together anew, forgets them.
"""

from typing import cast

from flask import session as kept

LATER = "later"
MOST = 30
"""Matches that are remembered: a cookie holds no more than four kilobytes, of all that it has."""


def leave(match_id: str) -> None:
    """Remember that a match was left."""
    others = [other for other in left() if other != match_id]
    kept[LATER] = [*others, match_id][-MOST:]


def left() -> list[str]:
    """The matches that were left, the newest last."""
    return cast("list[str]", kept.get(LATER, []))
