"""What somebody is told whose match group is none any more, or was decided by another."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from flask import Response, url_for

from openprofiles.console.pages.duplicates.area import FILES
from openprofiles.console.pages.duplicates.bounds import wanted_now
from openprofiles.console.rendering import Page, render
from openprofiles.console.visit import ask
from openprofiles.core.errors import AccessDenied, BadRequest

LOOKED_AT = 50
"""The newest merges, among which that of the group is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A merge that happened meanwhile."""

    url: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanwhilePage(Page):
    """Somebody, or a run, was quicker."""

    template: ClassVar[str] = "duplicates/meanwhile.html"
    files: ClassVar[tuple[str, ...]] = FILES

    title: str = "This match is no longer open"
    """What the page is called."""
    reason: str | None
    """Why what was decided was not done; None when nothing was decided."""
    merges: tuple[Event, ...]
    """The merges that took its profiles."""
    queue_url: str
    """The queue."""
    decisions_url: str
    """Who was decided not to be the same."""


def show_meanwhile(
    domain_name: str, match_id: str, *, reason: str | None = None, profile_ids: Iterable[str] = ()
) -> Response:
    """Say what happened to a group: 409 when something was to be done to it, else 404."""
    address: dict[str, Any] = {"domain_name": domain_name}
    page = MeanwhilePage(
        reason=reason,
        merges=_merges(domain_name, match_id, profile_ids),
        queue_url=url_for("duplicates.queue", **address, **wanted_now().query()),
        decisions_url=url_for("duplicates.decided", **address),
    )
    return render(page, status=404 if reason is None else 409)


def _merges(domain_name: str, match_id: str, profile_ids: Iterable[str]) -> tuple[Event, ...]:
    """The merges of the group, as far as they are known; none for who may not see them."""
    try:
        found = _find(domain_name, match_id, profile_ids)
    except (AccessDenied, BadRequest):
        return ()
    return tuple(
        Event(
            url=url_for("merges.show", domain_name=domain_name, merge_id=merge_id),
            by=item["Principal"],
            at=item["MergedAt"],
        )
        for merge_id, item in found.items()
    )


def _find(
    domain_name: str, match_id: str, profile_ids: Iterable[str]
) -> dict[str, Mapping[str, Any]]:
    asked: list[dict[str, Any]] = [{"ProfileId": one, "MaxResults": 1} for one in profile_ids]
    found: dict[str, Mapping[str, Any]] = {}
    for parameters in asked:
        for item in ask("ListMerges", DomainName=domain_name, **parameters)["Items"]:
            found[item["MergeId"]] = item
    newest = ask("ListMerges", DomainName=domain_name, MaxResults=LOOKED_AT)["Items"]
    found |= {
        item["MergeId"]: item for item in newest if item["CauseDetail"].get("MatchId") == match_id
    }
    return {merge_id: item for merge_id, item in found.items() if item["UndoneAt"] is None}
