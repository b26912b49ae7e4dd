"""Identity resolution: when it runs, what it merges by itself, and a dry run that shows whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from flask import Response, request, url_for

from openprofiles.console.pages.duplicate_settings.answering import answer
from openprofiles.console.pages.duplicate_settings.area import FILES, blueprint, may_change
from openprofiles.console.pages.duplicate_settings.reading import (
    DAYS,
    Block,
    Unreadable,
    lines_of,
    lists_in,
    number_in,
    resolution_in,
    without_nothing,
)
from openprofiles.console.pages.duplicates import people
from openprofiles.console.pages.duplicates.comparing import label_of
from openprofiles.console.rendering import Page, render
from openprofiles.console.saying import plainly
from openprofiles.console.visit import ask
from openprofiles.core.errors import BadRequest

SHOWN = 20
MODELS = (("RECENCY", "The newest value wins"), ("SOURCE", "Values of one object type win"))
EXAMPLE = "FirstName + LastName + EmailAddress\nPhoneNumber"


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchingForm:
    """What is typed."""

    is_enabled: bool
    day: str
    time: str
    merges: bool
    criteria: str
    confidence: str
    resolution: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A merge that would be done."""

    main: str
    merged: tuple[str, ...]
    confidence: float
    url: str
    agreeing: tuple[tuple[str, str], ...]
    losing: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeDryRun:
    """What auto-merging would do. `problem` says why it is not known."""

    problem: str | None = None
    matches: int = 0
    merging: int = 0
    profiles: int = 0
    planned: tuple[Planned, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeDryRunPart(Page):
    """The dry run, inside the page."""

    template: ClassVar[str] = "duplicate_settings/merge_dry_run.html"

    title: str = "Dry run"
    """What the part is called."""
    dry_run: MergeDryRun | None
    """What would be done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchingPage(Page):
    """The settings of identity resolution and auto-merging."""

    template: ClassVar[str] = "duplicate_settings/matching.html"
    files: ClassVar[tuple[str, ...]] = FILES

    title: str = "Duplicate settings"
    """What the page is called."""
    domain: str
    """The domain."""
    form: MatchingForm
    """What is typed."""
    days: tuple[tuple[str, str], ...] = tuple((day, day.capitalize()) for day in DAYS)
    """The days of the week."""
    models: tuple[tuple[str, str], ...] = MODELS
    """How conflicts can be decided."""
    may_change: bool
    """Whether the person may change it."""
    problem: str | None = None
    """Why it was not changed."""
    dry_run: MergeDryRun | None = None
    """What auto-merging would do; None when nobody asked."""


@blueprint.get("/domains/<domain_name>/duplicates/settings")
def matching(domain_name: str) -> Response:
    """The settings as they are."""
    return _show(domain_name, _form_of(_block(domain_name)))


@blueprint.post("/domains/<domain_name>/duplicates/settings")
def change_matching(domain_name: str) -> Response:
    """Change them, or say what would be merged by them."""
    form = _form_in(request.form)
    return answer(
        partial(_show, domain_name, form),
        tried=lambda: _try(domain_name, form),
        part_of=lambda dry_run: MergeDryRunPart(dry_run=dry_run),
        save=lambda: _save(domain_name, form),
        done="It is set. The next run keeps to it.",
        back=url_for("duplicate_settings.matching", domain_name=domain_name),
    )


def _save(domain_name: str, form: MatchingForm) -> None:
    block = _block_in(form, _block(domain_name))
    ask("UpdateDomain", DomainName=domain_name, Matching=block)


def _show(
    domain_name: str,
    form: MatchingForm,
    *,
    problem: str | None = None,
    dry_run: MergeDryRun | None = None,
) -> Response:
    page = MatchingPage(
        domain=domain_name, form=form, may_change=may_change(), problem=problem, dry_run=dry_run
    )
    return render(page, status=200 if problem is None else 422)


def _block(domain_name: str) -> Block:
    block: Block = ask("GetDomain", DomainName=domain_name).get("Matching") or {"Enabled": False}
    return block


def _form_of(block: Block) -> MatchingForm:
    schedule = block.get("JobSchedule") or {}
    merging = block.get("AutoMerging") or {}
    resolution = merging.get("ConflictResolution") or {}
    confidence = merging.get("MinAllowedConfidenceScoreForMerging")
    return MatchingForm(
        is_enabled=block["Enabled"],
        day=schedule.get("DayOfTheWeek", "SATURDAY"),
        time=schedule.get("Time", "00:00"),
        merges=bool(merging.get("Enabled")),
        criteria=lines_of((merging.get("Consolidation") or {}).get("MatchingAttributesList", ())),
        confidence="" if confidence is None else f"{confidence:g}",
        resolution=resolution.get("ConflictResolvingModel", "RECENCY"),
        source=resolution.get("SourceName") or "",
    )


def _form_in(form: Mapping[str, str]) -> MatchingForm:
    return MatchingForm(
        is_enabled="enabled" in form,
        day=form.get("day", ""),
        time=form.get("time", "").strip(),
        merges="merges" in form,
        criteria=form.get("criteria", ""),
        confidence=form.get("confidence", ""),
        resolution=form.get("resolution", "RECENCY"),
        source=form.get("source", ""),
    )


def _block_in(form: MatchingForm, before: Block) -> dict[str, Any]:
    """The block that was typed; what the form does not show stays as it was."""
    policy = _policy_in(form)
    merging = (
        {"Enabled": form.merges, **policy} if form.merges or "Consolidation" in policy else None
    )
    block = {
        "Enabled": form.is_enabled,
        "JobSchedule": {"DayOfTheWeek": form.day, "Time": form.time},
        "AutoMerging": merging,
        "ExportingConfig": before.get("ExportingConfig"),
    }
    return without_nothing(block)


def _policy_in(form: MatchingForm) -> dict[str, Any]:
    """How to merge. Unreadable when the confidence is no number."""
    criteria = lists_in(form.criteria)
    policy = {
        "Consolidation": {"MatchingAttributesList": criteria} if criteria else None,
        "ConflictResolution": resolution_in(form.resolution, form.source),
        "MinAllowedConfidenceScoreForMerging": number_in(form.confidence, "The confidence"),
    }
    return without_nothing(policy)


def _try(domain_name: str, form: MatchingForm) -> MergeDryRun:
    try:
        policy = _policy_in(form)
        if "Consolidation" not in policy:
            return MergeDryRun(problem="Name a criterion at least: nothing is merged without one.")
        found = ask("PreviewAutoMerging", DomainName=domain_name, **policy, MaxResults=SHOWN)
    except Unreadable as error:
        return MergeDryRun(problem=str(error))
    except BadRequest as error:
        return MergeDryRun(problem=plainly(error))
    merges = [(match, merge) for match in found["Matches"] for merge in match["Merges"]]
    ids = [
        one
        for _, merge in merges
        for one in (merge["MainProfileId"], *merge["ProfileIdsToBeMerged"])
    ]
    profiles = people.read(domain_name, ids)
    return MergeDryRun(
        matches=found["NumberOfMatchesInSample"],
        merging=found["NumberOfMatchesWithMerges"],
        profiles=found["NumberOfProfilesWillBeMerged"],
        planned=tuple(_planned(domain_name, match, merge, profiles) for match, merge in merges),
    )


def _planned(
    domain_name: str,
    match: Mapping[str, Any],
    merge: Mapping[str, Any],
    profiles: Mapping[str, people.Profile],
) -> Planned:
    return Planned(
        main=people.named(profiles, merge["MainProfileId"]),
        merged=tuple(people.named(profiles, one) for one in merge["ProfileIdsToBeMerged"]),
        confidence=match["ConfidenceScore"],
        url=url_for("duplicates.show", domain_name=domain_name, match_id=match["MatchId"]),
        agreeing=tuple((label_of(path), str(value)) for path, value in merge["Agreeing"].items()),
        losing=tuple(
            (label_of(path), tuple(dict.fromkeys(map(str, values.values()))))
            for path, values in merge["Conflicts"].items()
        ),
    )
