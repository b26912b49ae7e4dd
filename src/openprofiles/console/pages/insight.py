"""Insight into a domain: its numbers of now, and how they came about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from flask import Blueprint, Response, request, url_for

from openprofiles.console.areas import Area, Entry
from openprofiles.console.charts import Chart, Series, bars, lines
from openprofiles.console.charts.chart import Label
from openprofiles.console.rendering import Page, render
from openprofiles.console.visit import ask

RANGES = {
    "24h": ("DAY", "24 hours", "an hour"),
    "7d": ("WEEK", "7 days", "six hours"),
    "30d": ("MONTH", "30 days", "a day"),
    "12m": ("YEAR", "12 months", "a week"),
}
"""As they stand in the address: the API's name, what people call it, how long a step is."""

USUAL = "7d"
NOT_WHOLE = "More came in the last hours than can be counted at once: they have at least as much."

blueprint = Blueprint("insight", __name__)
ENTRIES = (Entry(area=Area.INSIGHT, label="Overview", icon="chart", endpoint="insight.show"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A range of time to choose."""

    label: str
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InsightPage(Page):
    """The numbers of a domain over a range of time."""

    template: ClassVar[str] = "insight/show.html"
    files: ClassVar[tuple[str, ...]] = ("charts.css", "insight.css", "charts.js")

    title: str = "Overview"
    """What the page is called."""
    domain: str
    """The domain."""
    choices: tuple[Choice, ...]
    """The ranges."""
    range_words: str
    """The range that is shown."""
    step_words: str
    """How long a step of the charts is."""
    profiles: int
    """How many there are now."""
    objects: int
    """How many there are now."""
    objects_put: int
    """How many came within the range."""
    rejected: int
    """How many were rejected within the range."""
    merged: int
    """How many profiles were merged into others within the range."""
    charts: tuple[tuple[str, Chart], ...]
    """The charts, each with its id; none while nothing ever came."""


@blueprint.get("/domains/<domain_name>/insight")
def show(domain_name: str) -> Response:
    """The page."""
    chosen = request.args.get("range", USUAL)
    if chosen not in RANGES:
        chosen = USUAL
    name, range_words, step_words = RANGES[chosen]
    series = ask("GetDomainSeries", DomainName=domain_name, Range=name)
    items = series["Items"]
    page = InsightPage(
        domain=domain_name,
        choices=tuple(
            Choice(
                label=label,
                url=url_for("insight.show", domain_name=domain_name, range=key),
                is_current=key == chosen,
            )
            for key, (_, label, _) in RANGES.items()
        ),
        range_words=range_words,
        step_words=step_words,
        profiles=items[-1]["Profiles"],
        objects=items[-1]["Objects"],
        objects_put=_sum(items, "ObjectsPut"),
        rejected=_sum(items, "Rejected"),
        merged=_sum(items, "Merged"),
        charts=charts_of(items, is_whole=series["IsWhole"]) if _has_any(items) else (),
    )
    return render(page)


def charts_of(
    items: Sequence[Mapping[str, Any]], *, is_whole: bool
) -> tuple[tuple[str, Chart], ...]:
    """What a domain held and what happened in it, each number as a chart."""
    is_of_a_day = items[-1]["To"] - items[0]["From"] <= timedelta(days=1)
    labels = [
        Label(
            text=f"{item['From']:%d %b %H:%M}",
            moment=item["From"],
            tells="hour" if is_of_a_day else "day",
        )
        for item in items
    ]

    def held(title: str, member: str) -> Chart:
        series = Series(name=title, values=tuple(item[member] for item in items))
        return lines(title, labels, [series])

    def came(title: str, member: str, **looks: Any) -> Chart:
        note = "" if is_whole else NOT_WHOLE
        return bars(title, labels, [item[member] for item in items], note=note, **looks)

    return (
        ("profiles", held("Profiles", "Profiles")),
        ("objects", held("Objects", "Objects")),
        ("put", came("Objects put", "ObjectsPut")),
        ("rejected", came("Objects rejected", "Rejected", tone="bad")),
        ("matches", came("Matches found by jobs", "MatchesFound", tone="good")),
        ("merged", came("Profiles merged into others", "Merged", tone="good")),
    )


def _sum(items: Sequence[Mapping[str, Any]], member: str) -> int:
    return sum(item[member] or 0 for item in items)


def _has_any(items: Sequence[Mapping[str, Any]]) -> bool:
    """Whether there is or was anything."""
    return any(
        item[member]
        for item in items
        for member in ("Profiles", "Objects", "ObjectsPut", "Rejected", "Merged")
    )
