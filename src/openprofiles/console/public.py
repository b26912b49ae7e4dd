"""Which pages need nobody to have signed in."""

from collections.abc import Callable
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])

_MARK = "is_public"


def public(view: View) -> View:
    """Mark a page as one that anybody may open."""
    setattr(view, _MARK, True)
    return view


def is_public(view: Callable[..., Any]) -> bool:
    """Whether anybody may open a page."""
    return bool(getattr(view, _MARK, False))
