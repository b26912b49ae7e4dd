"""One match group: its profiles side by side, what would become of them, what one can decide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import Response, request, url_for

from openprofiles.console.pages.duplicates import people
from openprofiles.console.pages.duplicates.area import FILES, blueprint, may_decide
from openprofiles.console.pages.duplicates.bounds import wanted_now
from openprofiles.console.pages.duplicates.comparing import (
    Choice,
    Row,
    compare,
    label_of,
    read_choice,
    values_of,
)
from openprofiles.console.pages.duplicates.evidence import letter_of
from openprofiles.console.pages.duplicates.meanwhile import show_meanwhile
from openprofiles.console.pages.duplicates.sharing import PartLink, parts_of, shown_of
from openprofiles.console.rendering import Page, render
from openprofiles.console.visit import ask
from openprofiles.core.errors import ResourceNotFound

SOURCE = "from."
"""What fields of the form that say from whom a field is taken begin with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A profile of the group. `apart` are the letters of those it was decided not to be."""

    id: str
    letter: str
    name: str
    is_main: bool
    is_included: bool
    apart: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A field of the result: what it becomes, and what gets lost."""

    label: str
    text: str | None
    lost: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a merge would make. `problem` says why there is nothing to show."""

    name: str = ""
    lines: tuple[Line, ...] = ()
    lost: int = 0
    merged: int = 0
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultPart(Page):
    """The result, inside the page of its group."""

    template: ClassVar[str] = "duplicates/result.html"

    title: str = "What comes out"
    """What the part is called."""
    result: Result
    """What is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPage(Page):
    """A match group, side by side."""

    template: ClassVar[str] = "duplicates/group.html"
    files: ClassVar[tuple[str, ...]] = FILES

    domain: str
    """The domain."""
    confidence: float | None
    """How sure the model is; None for a group of rules."""
    level: int | None
    """The level of the rule that made it; None for another."""
    attributes: tuple[str, ...]
    """The attributes of that rule."""
    gain: float
    """How many profiles too many it is expected to take away."""
    size: int
    """How many profiles it has."""
    members: tuple[Member, ...]
    """Its profiles, as far as they stand side by side."""
    parts: tuple[PartLink, ...]
    """Where the others are; none where all stand side by side."""
    rows: tuple[Row, ...]
    """Their fields."""
    differing: int
    """In how many fields they contradict each other."""
    result: Result
    """What comes out."""
    evidence_url: str | None
    """Where the evidence is; None where no model has compared."""
    decide_url: str
    """Where what is decided is sent."""
    preview_url: str
    """Where the result is asked for."""
    queue_url: str
    """The queue it is of."""
    previous_url: str | None
    """The group before; None when there is none."""
    next_url: str | None
    """The group after; None when there is none."""
    merged: str | None
    """The merge that was just done, to be undone if it was wrong."""
    may_decide: bool
    """Whether the person may decide."""
    problem: str | None
    """Why what was decided was not done."""


@blueprint.get("/domains/<domain_name>/duplicates/<match_id>")
def show(domain_name: str, match_id: str) -> Response:
    """The group, with the choices that MergeProfiles makes by itself."""
    return show_group(domain_name, match_id)


@blueprint.post("/domains/<domain_name>/duplicates/<match_id>/preview")
def preview(domain_name: str, match_id: str) -> Response:
    """What would come out, as chosen."""
    review = ask("GetReview", DomainName=domain_name, MatchId=match_id)
    ids = shown_of(review["ProfileIds"], _part())
    result = _result(domain_name, chosen(ids), people.read(domain_name, ids))
    return render(ResultPart(result=result))


def show_group(
    domain_name: str, match_id: str, *, problem: str | None = None, status: int = 200
) -> Response:
    """The page of a group with what was chosen in the form that was sent, if one was; what happened
    to it when it is none any more.
    """
    wanted = wanted_now()
    try:
        review = ask("GetReview", DomainName=domain_name, MatchId=match_id, **wanted.parameters())
    except ResourceNotFound:
        return show_meanwhile(domain_name, match_id)
    part = _part()
    ids = shown_of(review["ProfileIds"], part)
    choice = chosen(ids)
    profiles = people.read(domain_name, ids)
    rows = compare([profiles[one] for one in ids if one in profiles], choice)
    address: dict[str, Any] = {"domain_name": domain_name, **wanted.query()}
    here: dict[str, Any] = {"match_id": match_id, "part": part or None}
    is_model = review["Kind"] == "MODEL"
    page = GroupPage(
        title=", ".join(people.names_of(profiles, ids)[:2]) or people.NAMELESS,
        domain=domain_name,
        confidence=review["ConfidenceScore"],
        level=review["RuleLevel"],
        attributes=tuple(review["Attributes"]),
        gain=review["Gain"],
        size=len(review["ProfileIds"]),
        members=_members(ids, profiles, choice, review),
        parts=parts_of(
            len(review["ProfileIds"]),
            part,
            lambda number: url_for(
                "duplicates.show", **address, match_id=match_id, part=number or None
            ),
        ),
        rows=rows,
        differing=sum(row.differs for row in rows),
        result=_result(domain_name, choice, profiles),
        evidence_url=url_for("duplicates.why", **address, match_id=match_id) if is_model else None,
        decide_url=url_for("duplicates.decide", **address, **here),
        preview_url=url_for("duplicates.preview", domain_name=domain_name, **here),
        queue_url=url_for("duplicates.queue", **address),
        previous_url=_previous(review, address),
        next_url=_next(review, address, match_id),
        merged=request.args.get("merged"),
        may_decide=may_decide(),
        problem=problem,
    )
    return render(page, status=status)


def _part() -> int:
    """Which part of a large group the address names."""
    text = request.args.get("part", "")
    return int(text) if text.isdecimal() and len(text) < 6 else 0


def chosen(profile_ids: Sequence[str]) -> Choice:
    """What the form that was sent says of profiles; without one, what is chosen by itself."""
    form = request.form
    if "main" not in form:
        return read_choice(profile_ids)
    sources = {
        name.removeprefix(SOURCE): value for name, value in form.items() if name.startswith(SOURCE)
    }
    return read_choice(profile_ids, main=form["main"], included=form.getlist("in"), sources=sources)


def _members(
    ids: Sequence[str],
    profiles: Mapping[str, people.Profile],
    choice: Choice,
    review: Mapping[str, Any],
) -> tuple[Member, ...]:
    letters = {one: letter_of(place) for place, one in enumerate(review["ProfileIds"])}
    apart: dict[str, list[str]] = {}
    for one, other in review["NotSame"]:
        apart.setdefault(one, []).append(letters[other])
        apart.setdefault(other, []).append(letters[one])
    return tuple(
        Member(
            id=one,
            letter=letters[one],
            name=people.name_of(profiles[one]),
            is_main=one == choice.main,
            is_included=one in choice.included,
            apart=tuple(apart.get(one, ())),
        )
        for one in ids
        if one in profiles
    )


def _result(domain_name: str, choice: Choice, profiles: Mapping[str, people.Profile]) -> Result:
    if len(choice.included) < 2:
        return Result(problem="Choose two profiles at least: there is nothing to merge.")
    made = ask("PreviewMerge", DomainName=domain_name, **choice.as_merge())
    outcome = values_of(made["Profile"])
    held = {one: values_of(profile) for one, profile in profiles.items() if one in choice.included}
    fields = dict.fromkeys([*outcome, *(field for values in held.values() for field in values)])
    lines = tuple(
        Line(
            label=label_of(field),
            text=outcome.get(field),
            lost=_lost(field, outcome.get(field), held),
        )
        for field in fields
    )
    too_large = "The merged profile would be larger than one may be."
    return Result(
        name=people.name_of(made["Profile"]),
        lines=lines,
        lost=sum(len(line.lost) for line in lines),
        merged=len(choice.included),
        problem=too_large if made["IsTooLarge"] else None,
    )


def _lost(
    field: str, outcome: str | None, held: Mapping[str, Mapping[str, str]]
) -> tuple[str, ...]:
    found = people.distinct(values.get(field) for values in held.values())
    kept = (outcome or "").casefold()
    return tuple(text for text in found if text.casefold() != kept)


def _previous(review: Mapping[str, Any], address: Mapping[str, Any]) -> str | None:
    """The group before; of the rules it is the one that somebody came from."""
    before = review["PreviousMatchId"] or request.args.get("back")
    return url_for("duplicates.show", **address, match_id=before) if before else None


def _next(review: Mapping[str, Any], address: Mapping[str, Any], match_id: str) -> str | None:
    after = review["NextMatchId"]
    if after is None:
        return None
    back: dict[str, Any] = {"back": match_id} if review["Kind"] == "RULES" else {}
    return url_for("duplicates.show", **address, match_id=after, **back)
