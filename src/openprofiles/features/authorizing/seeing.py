"""Leaves out of lists what the caller may not get."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from openprofiles.features.authorizing.judging import is_allowed, read_tags
from openprofiles.features.authorizing.target import Target
from openprofiles.features.context import Context

T = TypeVar("T")
C = TypeVar("C")


def visible(
    context: Context,
    action: str,
    items: Sequence[T],
    targets_of: Callable[[T], Sequence[Target]],
) -> list[T]:
    """Those items to all of whose targets the caller may do `action`."""
    caller = context.caller
    if caller.policies is None:
        return list(items)
    targets = [targets_of(item) for item in items]
    tags_of = read_tags(
        context, caller.policies, action, [target for some in targets for target in some]
    )
    return [
        item
        for item, some in zip(items, targets, strict=True)
        if all(
            is_allowed(context, caller, action, target, {}, tags_of.get(target)) for target in some
        )
    ]


def visible_page(
    context: Context,
    action: str,
    fetch: Callable[[C, int], Sequence[T]],
    targets_of: Callable[[T], Sequence[Target]],
    *,
    cursor_of: Callable[[T], C],
    after: C,
    size: int,
) -> tuple[list[T], bool]:
    """A page of what the caller may see, and whether there is more to see.

    `fetch(after, limit)` reads on; pages are full as long as there is anything left to see.
    """
    seen: list[T] = []
    while True:
        found = fetch(after, size + 1)
        seen += visible(context, action, found, targets_of)
        if len(seen) > size or len(found) <= size:
            return seen[:size], len(seen) > size
        after = cursor_of(found[-1])
