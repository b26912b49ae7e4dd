"""Insight into identity resolution: what its runs found, and how sure it is of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, ClassVar

from flask import Blueprint, Response, request

from openprofiles.console.areas import Area, Entry
from openprofiles.console.charts import Chart, Series, histogram, lines, percent
from openprofiles.console.charts.chart import Label
from openprofiles.console.rendering import Page, render
from openprofiles.console.visit import ask

RUNS = 20
_FOLDED = 5
"""How many hundredths of confidence a bar has."""
_MOST_BITS = 20
"""Where the bars of weights end: a million to one."""

blueprint = Blueprint("resolution", __name__)
ENTRIES = (Entry(area=Area.INSIGHT, label="Resolution", icon="people", endpoint="resolution.show"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run of identity resolution."""

    starts_at: datetime
    ended_at: datetime | None
    status: str
    reviewed: int
    found: int
    merged: int
    message: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """What an attribute weighs: the level that speaks most for one person, and the one that speaks
    most against it, with their bits, and each as a share of the longest bar.
    """

    attribute: str
    agreeing: str
    bits_for: float
    share_for: float
    differing: str
    bits_against: float
    share_against: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolutionPage(Page):
    """The runs of a domain, and what the last one that found something is worth."""

    template: ClassVar[str] = "resolution/show.html"
    files: ClassVar[tuple[str, ...]] = ("charts.css", "charts.js")

    title: str = "Resolution"
    """What the page is called."""
    domain: str
    """The domain."""
    runs: tuple[Run, ...]
    """A page of its runs, the latest first."""
    next_token: str | None
    """Where the next page begins; None on the last one."""
    is_first: bool
    """Whether nothing comes before."""
    found: Chart
    """What the runs of this page found and merged."""
    scores: Chart
    """How many matches of the last result have which confidence."""
    precision: Chart
    """Which share of the matches above each threshold is expected to be right."""
    weights: tuple[Weight, ...]
    """What each attribute weighs in the last model, the weightiest first."""
    made_at: datetime | None
    """When the last result was made; None when there is none."""


@blueprint.get("/domains/<domain_name>/insight/resolution")
def show(domain_name: str) -> Response:
    """The page."""
    token = request.args.get("after")
    listed = ask(
        "ListIdentityResolutionJobs", DomainName=domain_name, MaxResults=RUNS, NextToken=token
    )
    quality = ask("GetMatchQuality", DomainName=domain_name)
    runs = tuple(map(_run, listed["IdentityResolutionJobsList"]))
    page = ResolutionPage(
        domain=domain_name,
        runs=runs,
        next_token=listed.get("NextToken"),
        is_first=token is None,
        found=_found(runs),
        scores=scores_of(quality["Scores"]),
        precision=precision_of(quality["Scores"]),
        weights=weights_of(quality["Weights"]),
        made_at=quality["MadeAt"],
    )
    return render(page)


def _run(job: Mapping[str, Any]) -> Run:
    statistics = job["JobStats"]
    return Run(
        starts_at=job["JobStartTime"],
        ended_at=job["JobEndTime"],
        status=job["Status"],
        reviewed=statistics["NumberOfProfilesReviewed"],
        found=statistics["NumberOfMatchesFound"],
        merged=statistics["NumberOfMergesDone"],
        message=job["Message"],
    )


def _found(runs: Sequence[Run]) -> Chart:
    """What runs that have ended found, the oldest first."""
    ended = [run for run in reversed(runs) if run.ended_at is not None]
    labels = [
        Label(text=f"{run.starts_at:%d %b %H:%M}", moment=run.starts_at, tells="day")
        for run in ended
    ]
    series = [
        Series(name="matches found", values=tuple(run.found for run in ended)),
        Series(name="profiles merged", values=tuple(run.merged for run in ended), tone="good"),
    ]
    return lines("What the runs found", labels, series, along="Run")


def scores_of(scores: Sequence[Mapping[str, Any]]) -> Chart:
    """How many matches have which confidence, from the least that any has."""
    counts = [0] * (100 // _FOLDED)
    for score in scores:
        counts[round(score["From"] * 100) // _FOLDED] += score["Matches"]
    first = next((place for place, count in enumerate(counts) if count), 0)
    return histogram(
        "How sure the matches are",
        [place * _FOLDED / 100 for place in range(first, len(counts) + 1)],
        counts[first:],
        name="Matches",
        along="Confidence",
        edge_words=percent,
    )


def precision_of(scores: Sequence[Mapping[str, Any]]) -> Chart:
    """Which share of the matches from each threshold on is right, going by their confidence."""
    matches, right = 0, 0.0
    rows: list[tuple[str, float]] = []
    for score in reversed(scores):
        matches += score["Matches"]
        right += score["Matches"] * score["Confidence"]
        rows.append((percent(score["From"]), right / matches))
    rows.reverse()
    return lines(
        "Expected precision by threshold",
        [threshold for threshold, _ in rows],
        [Series(name="Right", values=tuple(share for _, share in rows), tone="good")],
        along="Confidence from",
        words=percent,
        short=percent,
        from_zero=False,
        smallest_step=0.0005,
        note="Going by their confidence: of matches with 90 %, nine in ten should be right.",
    )


def weights_of(levels: Sequence[Mapping[str, Any]]) -> tuple[Weight, ...]:
    """What each attribute weighs, the weightiest first."""
    weights = []
    for attribute, rows in groupby(levels, key=lambda row: row["Attribute"]):
        of_one = sorted(rows, key=lambda row: row["Bits"])
        least, most = of_one[0], of_one[-1]
        weights.append(
            Weight(
                attribute=attribute,
                agreeing=most["Level"],
                bits_for=most["Bits"],
                share_for=_share(most["Bits"]),
                differing=least["Level"],
                bits_against=least["Bits"],
                share_against=_share(-least["Bits"]),
            )
        )
    return tuple(sorted(weights, key=lambda weight: -weight.bits_for))


def _share(bits: float) -> float:
    return min(max(bits, 0.0) / _MOST_BITS, 1.0)
