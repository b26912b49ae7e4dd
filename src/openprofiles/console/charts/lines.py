"""Lines, and the areas below them."""

from collections.abc import Iterator, Sequence

from openprofiles.console.charts.chart import (
    PLOT,
    TOP,
    Chart,
    Curve,
    Label,
    Series,
    grid_of,
    height_at,
    labels_of,
    spots_of,
    summary_of,
    ticks_of,
    width_of,
)
from openprofiles.console.charts.scale import Scale, Words, compact, rounded


def lines(
    title: str,
    labels: Sequence[str | Label],
    series: Sequence[Series],
    *,
    along: str = "Time",
    words: Words = rounded,
    short: Words = compact,
    from_zero: bool = True,
    smallest_step: float = 1,
    note: str = "",
) -> Chart:
    """Numbers along something that goes on, as time does: a line for each series, with the area
    below it when there is only one.

    `words` writes a number, `short` writes it on the axis. Counts begin at zero; what only makes
    sense beside its neighbours may begin higher, with `from_zero=False`.
    """
    places = labels_of(labels)
    known = [value for one in series for value in one.values if value is not None] or [0.0]
    low = min(0.0, *known) if from_zero else min(known)
    scale = Scale.over(low, max(known), smallest_step=smallest_step)
    grid = grid_of(scale, short)
    return Chart(
        title=title,
        summary=summary_of(places, series, words),
        along=along,
        series=tuple(series),
        scale_width=width_of(grid),
        grid=grid,
        ticks=ticks_of(places),
        curves=tuple(
            _curve(one, scale, has_area=len(series) == 1, is_dashed=place > 0)
            for place, one in enumerate(series)
        ),
        spots=spots_of(places, series, words, scale=scale),
        note=note,
    )


def _curve(one: Series, scale: Scale, *, has_area: bool, is_dashed: bool) -> Curve:
    runs = [_points(one, run, scale) for run in _runs(one.values)]
    bottom = TOP + PLOT
    return Curve(
        tone=one.tone,
        line="".join("M" + "L".join(f"{x:g} {y:g}" for x, y in run) for run in runs),
        area="".join(
            f"M{run[0][0]:g} {bottom}L"
            + "L".join(f"{x:g} {y:g}" for x, y in run)
            + f"L{run[-1][0]:g} {bottom}Z"
            for run in runs
        )
        if has_area
        else "",
        is_dashed=is_dashed,
    )


def _points(one: Series, run: range, scale: Scale) -> list[tuple[float, float]]:
    """The places of the values of a run; one alone becomes a short line, so that it is seen."""
    width = 100 / len(one.values)
    points = [
        (round((index + 0.5) * width, 2), height_at(scale, value))
        for index in run
        if (value := one.values[index]) is not None
    ]
    if len(points) == 1:
        [(x, y)] = points
        return [(round(x - width / 4, 2), y), (round(x + width / 4, 2), y)]
    return points


def _runs(values: Sequence[float | None]) -> Iterator[range]:
    """The stretches without a gap."""
    begin: int | None = None
    for index, value in enumerate((*values, None)):
        if value is None:
            if begin is not None:
                yield range(begin, index)
            begin = None
        elif begin is None:
            begin = index
