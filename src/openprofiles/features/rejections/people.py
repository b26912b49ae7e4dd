"""Rejected objects and letters, looked through for those of one person."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from openprofiles.core.ids import FIRST, Id
from openprofiles.features import domains
from openprofiles.features.context import Context
from openprofiles.features.rejections.rejected_object import RejectedObject
from openprofiles.features.rejections.store import letters, rejected
from openprofiles.features.rejections.store.letters import Letter

Place = tuple[str, Id]
START: Place = ("", FIRST)


@dataclass(frozen=True, slots=True)
class Page:
    """Some rejected objects and letters; `place` is where the next page begins, None at the end."""

    objects: list[RejectedObject]
    letters: list[Letter]
    place: list[str] | None


def has_any(context: Context, domain: domains.Domain) -> bool:
    """Whether a domain has any rejected object or letter."""
    page = read_page(context, domain, None, limit=1)
    return bool(page.objects or read_page(context, domain, page.place, limit=1).letters)


def read_page(
    context: Context, domain: domains.Domain, place: Sequence[str] | None, *, limit: int
) -> Page:
    """The next rejected objects, with their documents and held until the transaction ends; then
    the letters.
    """
    kind, *rest = place or ("objects", *START)
    if kind == "objects":
        found = rejected.lock_next(
            context.transaction,
            domain.id,
            rejected.Filter(),
            after=(rest[0], rest[1]),
            limit=limit,
        )
        if len(found) == limit:
            return Page(found, [], ["objects", found[-1].object_type, found[-1].id])
        return Page(found, [], ["letters", FIRST])
    waiting = letters.list_waiting(
        context.transaction, domain.id, after=rest[0], limit=limit, also_given_up=True
    )
    following = ["letters", waiting[-1].id] if len(waiting) == limit else None
    return Page([], waiting, following)


def remove_those(
    context: Context,
    domain: domains.Domain,
    page: Page,
    is_wanted: Callable[[str, str], bool],
) -> tuple[int, int]:
    """Remove those of a page that are wanted (object type, document): objects, letters."""
    objects = [item.id for item in page.objects if is_wanted(item.object_type, item.document or "")]
    unsent = [item.id for item in page.letters if is_wanted(item.object_type, item.document)]
    rejected.delete(context.transaction, domain.id, objects)
    letters.delete(context.transaction, domain.id, unsent)
    return len(objects), len(unsent)
