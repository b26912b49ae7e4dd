"""The queue: match groups that wait for somebody, those with the greatest gain first."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from flask import Response, request, url_for

from openprofiles.console.pages.duplicates import people
from openprofiles.console.pages.duplicates.area import FILES, blueprint, may_decide
from openprofiles.console.pages.duplicates.bounds import BANDS, KINDS, Wanted, wanted_now
from openprofiles.console.pages.duplicates.later import left
from openprofiles.console.pages.duplicates.people import Profile
from openprofiles.console.pages.duplicates.runs import Run, find_run
from openprofiles.console.rendering import Page, render
from openprofiles.console.visit import ask
from openprofiles.core.errors import BadRequest

PAGE = 20
SHOWN = 3
"""Profiles of a group of which the queue tells something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow:
    """One group of the queue. `confidence` is None for those of rules, which have `level` and
    `attributes`. `is_left` are those that somebody left for later.
    """

    url: str
    names: tuple[str, ...]
    reached: tuple[str, ...]
    size: int
    gain: float
    confidence: float | None
    level: int | None
    attributes: tuple[str, ...]
    is_left: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Choosing:
    """A way to look at other groups: a link, and whether it is what is looked at."""

    label: str
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePage(Page):
    """The match groups that wait for somebody."""

    template: ClassVar[str] = "duplicates/queue.html"
    files: ClassVar[tuple[str, ...]] = FILES

    title: str = "Review duplicates"
    """What the page is called."""
    domain: str
    """The domain."""
    groups: tuple[GroupRow, ...]
    """A page of the groups; what was left for later comes last."""
    total: int | None
    """How many there are; None where nobody has counted."""
    found_at: datetime | None
    """When they were found; None for those of rules, which are found as they are looked at."""
    kinds: tuple[Choosing, ...]
    """Who found them: identity resolution, or rules."""
    bands: tuple[Choosing, ...]
    """How sure they are; none for rules."""
    is_rules: bool
    """Whether these are the groups of rules."""
    is_bounded: bool
    """Whether only some are looked at."""
    is_enabled: bool
    """Whether what finds them is switched on."""
    run: Run | None
    """The run that is under way, or the last one."""
    may_decide: bool
    """Whether the person may decide."""
    merged: str | None
    """The merge that was just done, to be undone if it was wrong."""
    everything_url: str
    """The queue without bounds."""
    first_url: str
    """The beginning of the queue."""
    next_url: str | None
    """Where the next page begins; None on the last one."""
    is_first: bool
    """Whether nothing comes before."""


@blueprint.get("/domains/<domain_name>/duplicates")
def queue(domain_name: str) -> Response:
    """A page of the queue."""
    wanted = wanted_now()
    domain = ask("GetDomain", DomainName=domain_name)
    answer, is_first = _list(domain_name, wanted)
    items = answer["Items"]
    shown = [one for item in items for one in item["ProfileIds"][:SHOWN]]
    profiles = people.read(domain_name, shown)
    rules = _rules(domain) if wanted.is_rules else []
    block = domain.get("RuleBasedMatching" if wanted.is_rules else "Matching") or {}
    token = answer["NextToken"]
    groups = [_row(domain_name, wanted, item, profiles, rules) for item in items]
    page = QueuePage(
        domain=domain_name,
        groups=tuple(sorted(groups, key=lambda group: group.is_left)),
        total=answer["Total"],
        found_at=answer["MatchGenerationDate"],
        kinds=_kinds(domain_name, wanted),
        bands=() if wanted.is_rules else _bands(domain_name, wanted),
        is_rules=wanted.is_rules,
        is_bounded=bool(wanted.band),
        is_enabled=bool(block.get("Enabled")),
        run=None if wanted.is_rules else find_run(domain_name),
        may_decide=may_decide(),
        merged=request.args.get("merged"),
        everything_url=_url(domain_name, Wanted(wanted.kind)),
        first_url=_url(domain_name, wanted),
        next_url=_url(domain_name, wanted, after=token) if token else None,
        is_first=is_first,
    )
    return render(page)


def _list(domain_name: str, wanted: Wanted) -> tuple[Mapping[str, Any], bool]:
    """A page of groups, and whether it is the first one. A place of an earlier run is none any
    more: the queue begins anew.
    """
    after = request.args.get("after")
    given = {"DomainName": domain_name, "Kind": KINDS[wanted.kind], "MaxResults": PAGE}
    given |= wanted.parameters()
    if after is not None:
        with suppress(BadRequest):
            return ask("ListReviews", **given, NextToken=after), False
    return ask("ListReviews", **given), True


def _rules(domain: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """The attributes of each level of a domain's rules."""
    block = domain.get("RuleBasedMatching") or {}
    return [tuple(rule["Rule"]) for rule in block.get("MatchingRules") or ()]


def _row(
    domain_name: str,
    wanted: Wanted,
    item: Mapping[str, Any],
    profiles: Mapping[str, Profile],
    rules: Sequence[tuple[str, ...]],
) -> GroupRow:
    ids, level = item["ProfileIds"], item["RuleLevel"]
    shown = ids[:SHOWN]
    url = url_for(
        "duplicates.show", domain_name=domain_name, match_id=item["MatchId"], **wanted.query()
    )
    return GroupRow(
        url=url,
        names=people.names_of(profiles, shown),
        reached=people.distinct(people.reach_of(profiles.get(one)) for one in shown),
        size=len(ids),
        gain=item["Gain"],
        confidence=item["ConfidenceScore"],
        level=level,
        attributes=rules[level - 1] if level and level <= len(rules) else (),
        is_left=item["MatchId"] in left(),
    )


def _kinds(domain_name: str, wanted: Wanted) -> tuple[Choosing, ...]:
    labels = {"model": "Found by identity resolution", "rules": "Found by rules"}
    return tuple(
        Choosing(label=label, url=_url(domain_name, Wanted(kind)), is_current=wanted.kind == kind)
        for kind, label in labels.items()
    )


def _bands(domain_name: str, wanted: Wanted) -> tuple[Choosing, ...]:
    return tuple(
        Choosing(
            label=label,
            url=_url(domain_name, Wanted(wanted.kind, band)),
            is_current=wanted.band == band,
        )
        for band, (label, _, _) in BANDS.items()
    )


def _url(domain_name: str, wanted: Wanted, **more: Any) -> str:
    return url_for("duplicates.queue", domain_name=domain_name, **wanted.query(), **more)
