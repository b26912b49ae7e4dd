"""Bars: for things that are counted one by one, and for how often values are met."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from openprofiles.console.charts.chart import (
    Bar,
    Chart,
    Label,
    Series,
    Tone,
    grid_of,
    height_at,
    labels_of,
    spots_of,
    summary_of,
    tick_at,
    ticks_of,
    width_of,
)
from openprofiles.console.charts.scale import Scale, Words, compact, rounded

_FILLED = 0.72
"""How much of its place a bar fills."""
_SMALLEST = 1.5
"""How high a bar is at least, in pixels, that is not of nothing."""


def bars(
    title: str,
    labels: Sequence[str | Label],
    values: Sequence[float | None],
    *,
    name: str | None = None,
    tone: Tone = "accent",
    along: str = "Time",
    words: Words = rounded,
    short: Words = compact,
    smallest_step: float = 1,
    note: str = "",
) -> Chart:
    """A bar for each label."""
    series = Series(name=name or title, values=tuple(values), tone=tone)
    return stacked(
        title,
        labels,
        [series],
        along=along,
        words=words,
        short=short,
        smallest_step=smallest_step,
        note=note,
    )


def stacked(
    title: str,
    labels: Sequence[str | Label],
    series: Sequence[Series],
    *,
    along: str = "Time",
    words: Words = rounded,
    short: Words = compact,
    smallest_step: float = 1,
    note: str = "",
) -> Chart:
    """A bar for each label, made of the numbers of each series one above the other.

    Numbers may be below zero if there is one series.
    """
    places = labels_of(labels)
    sums = [sum(one.values[index] or 0 for one in series) for index in range(len(places))]
    scale = Scale.over(min([0.0, *sums]), max([0.0, *sums]), smallest_step=smallest_step)
    grid = grid_of(scale, short)
    return Chart(
        title=title,
        summary=summary_of(places, series, words),
        along=along,
        series=tuple(series),
        scale_width=width_of(grid),
        grid=grid,
        ticks=ticks_of(places),
        bars=tuple(_stack(series, len(places), scale, _FILLED)),
        spots=spots_of(places, series, words),
        note=note,
    )


def histogram(
    title: str,
    edges: Sequence[float],
    counts: Sequence[int],
    *,
    name: str = "How many",
    tone: Tone = "accent",
    along: str = "Value",
    edge_words: Words = rounded,
    note: str = "",
) -> Chart:
    """How often values are met: `counts` between each two `edges`, of which there is one more.

    The bars touch, and what is written below them are edges.
    """
    places = tuple(
        Label(text=f"{edge_words(low)} to {edge_words(high)}") for low, high in pairwise(edges)
    )
    series = (Series(name=name, values=tuple(counts), tone=tone),)
    scale = Scale.over(0, max([0, *counts]), smallest_step=1)
    grid = grid_of(scale, compact)
    step = max(1, len(counts) // 5)
    ticks = tuple(
        tick_at(100 * index / max(len(counts), 1), Label(text=edge_words(edges[index])))
        for index in range(0, len(edges), step)
    )
    return Chart(
        title=title,
        summary=summary_of(places, series, rounded),
        along=along,
        series=series,
        scale_width=width_of(grid),
        grid=grid,
        ticks=ticks,
        bars=tuple(_stack(series, len(places), scale, 0.94)),
        spots=spots_of(places, series, rounded),
        note=note,
    )


def _stack(series: Sequence[Series], places: int, scale: Scale, filled: float) -> Iterator[Bar]:
    """The bars, place by place, from the ground up."""
    width = 100 / max(places, 1)
    for index in range(places):
        ground = 0.0
        for one in series:
            value = one.values[index]
            if not value:
                continue
            reached = ground + value
            top = height_at(scale, max(ground, reached))
            bottom = height_at(scale, min(ground, reached))
            height = max(round(bottom - top, 1), _SMALLEST)
            yield Bar(
                tone=one.tone,
                left=round((index + (1 - filled) / 2) * width, 3),
                width=round(filled * width, 3),
                top=top if value < 0 else round(bottom - height, 1),
                height=height,
            )
            ground = reached
