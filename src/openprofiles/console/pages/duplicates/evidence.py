"""Why two profiles of a group match, or do not: what the model weighs, piece by piece."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, ClassVar

from flask import Response, request, url_for
from markupsafe import Markup

from openprofiles.console.charts import waterfall
from openprofiles.console.charts.waterfall import Step, signed
from openprofiles.console.pages.duplicates import people
from openprofiles.console.pages.duplicates.area import FILES, blueprint
from openprofiles.console.pages.duplicates.bounds import wanted_now
from openprofiles.console.rendering import Page, render, wants_part
from openprofiles.console.saying import plainly
from openprofiles.console.visit import ask
from openprofiles.core.errors import BadRequest

MOST_PAIRS = 45
"""Pairs that can be chosen: of ten profiles, all."""

RELATIONS = {
    "same": "One person",
    "relative": "Parent and child of one name",
    "household": "One household",
    "namesake": "Namesakes",
    "colleague": "Colleagues",
    "unrelated": "Strangers",
}
AGAINST = "unrelated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One attribute: both values, how they agree, what it weighs."""

    attribute: str
    values: tuple[str, ...]
    level: str
    weight: str
    speaks: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """How likely two profiles stand in a relation."""

    label: str
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PairLink:
    """A pair that can be looked at."""

    label: str
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What speaks for one person and what against, for one pair. `problem` says why there is
    nothing to show.
    """

    match_url: str
    pairs: tuple[PairLink, ...]
    names: tuple[str, str]
    letters: tuple[str, str]
    problem: str | None = None
    confidence: float = 0.0
    chart: Markup | None = None
    pieces: tuple[Piece, ...] = ()
    relations: tuple[Relation, ...] = ()
    is_doubtful: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidencePart(Page):
    """The evidence, inside the page of its group."""

    template: ClassVar[str] = "duplicates/evidence.html"

    evidence: Evidence
    """What is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidencePage(Page):
    """The evidence on a page of its own."""

    template: ClassVar[str] = "duplicates/why.html"
    files: ClassVar[tuple[str, ...]] = FILES

    evidence: Evidence
    """What is shown."""


@blueprint.get("/domains/<domain_name>/duplicates/<match_id>/evidence")
def why(domain_name: str, match_id: str) -> Response:
    """The evidence for the pair that the address names, else for the first one."""
    ids = ask("GetReview", DomainName=domain_name, MatchId=match_id)["ProfileIds"]
    pairs = list(combinations(ids, 2))[:MOST_PAIRS]
    asked = (request.args.get("one"), request.args.get("other"))
    pair = next((known for known in pairs if set(known) == set(asked)), pairs[0])
    evidence = _evidence(domain_name, match_id, ids, pairs, pair)
    title = "Why they match"
    if wants_part():
        return render(EvidencePart(title=title, evidence=evidence))
    return render(EvidencePage(title=title, evidence=evidence))


def letter_of(place: int) -> str:
    """What the profile at a place of its group is called for short: A, B, …, Z, AA."""
    first, second = divmod(place, 26)
    return (chr(ord("A") + first - 1) if first else "") + chr(ord("A") + second)


def _evidence(
    domain_name: str,
    match_id: str,
    ids: Sequence[str],
    pairs: Sequence[tuple[str, str]],
    pair: tuple[str, str],
) -> Evidence:
    profiles = people.read(domain_name, pair)
    letters = {one: letter_of(place) for place, one in enumerate(ids)}
    address: dict[str, Any] = {
        "domain_name": domain_name,
        "match_id": match_id,
        **wanted_now().query(),
    }
    head: dict[str, Any] = {
        "match_url": url_for("duplicates.show", **address),
        "pairs": tuple(
            PairLink(
                label=f"{letters[one]} and {letters[other]}",
                url=url_for("duplicates.why", **address, one=one, other=other),
                is_current=(one, other) == pair,
            )
            for one, other in pairs
        ),
        "names": tuple(people.name_of(profiles[one]) for one in pair),
        "letters": tuple(letters[one] for one in pair),
    }
    try:
        found = ask(
            "ExplainPair", DomainName=domain_name, ProfileId=pair[0], OtherProfileId=pair[1]
        )
    except BadRequest as error:
        return Evidence(**head, problem=plainly(error))
    return Evidence(
        **head,
        confidence=found["ConfidenceScore"],
        chart=_chart(found),
        pieces=tuple(map(_piece, found["Reasons"])),
        relations=_relations(found["Relations"]),
        is_doubtful=found["IsDoubtful"],
    )


def _chart(found: Mapping[str, Any]) -> Markup:
    """From what is known before anything is compared to the weight of the pair."""
    steps = [Step("Before comparing", found["Prior"][AGAINST])]
    steps += [Step(_named(reason["Attribute"]), reason["Weight"]) for reason in found["Reasons"]]
    # Bits count against strangers; a family or a namesake may be closer.
    steps.append(Step("Closer alternatives", found["Weight"] - sum(step.amount for step in steps)))
    title = (
        f"The evidence adds up to {signed(found['Weight'])} bits, a confidence of"
        f" {found['ConfidenceScore']:.1%}. The table below has each piece."
    )
    return waterfall.draw(steps, title=title, sum_label="In all", unit="bits")


def _piece(reason: Mapping[str, Any]) -> Piece:
    weight = reason["Weight"]
    return Piece(
        attribute=_named(reason["Attribute"]),
        values=tuple(value or "—" for value in reason["Values"]),
        level=reason["LevelText"],
        weight=signed(weight),
        speaks="for" if weight > 0 else "against",
    )


def _named(attribute: str) -> str:
    return {"email": "E-mail", "identifier": "Account or other id"}.get(
        attribute, attribute.replace("_", " ").capitalize()
    )


def _relations(found: Mapping[str, float]) -> tuple[Relation, ...]:
    """The likeliest first."""
    ordered = sorted(found.items(), key=lambda item: -item[1])
    return tuple(Relation(label=RELATIONS[name], share=share) for name, share in ordered)
