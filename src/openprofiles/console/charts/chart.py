"""What a chart is made of. Templates draw it; nothing here is HTML."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from openprofiles.console.charts.scale import Scale, Words

Tone = Literal["accent", "good", "bad", "warn", "busy", "quiet"]
"""A colour by what it says; `charts.css` has what it is, in the light and in the dark."""

TOP = 30
"""Above the plot, in pixels: what is under the pointer is written there."""
PLOT = 150
"""How high the plot is."""
HEIGHT = TOP + PLOT + 26

_MOST_LABELS = 6
_NEAR_AN_END = 6
_LETTER = 7.2
"""How wide a letter of the axis is, in pixels, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Numbers of one thing, one for each label; None where there is none."""

    name: str
    values: tuple[float | None, ...]
    tone: Tone = "accent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What a place along the chart is called; a moment is seen in the zone of the reader."""

    text: str
    moment: datetime | None = None
    tells: Literal["hour", "day"] = "hour"
    """What is written of the moment below the chart, where there is little room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A label below the plot, at so many percent; a spare one is left out on narrow screens."""

    at: float
    anchor: Literal["start", "middle", "end"]
    label: Label
    is_spare: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GridLine:
    """A number on the axis, at so many pixels from the top."""

    at: float
    text: str
    is_base: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """The line of a series, and the area below it; places are percent and pixels."""

    tone: Tone
    line: str
    area: str
    is_dashed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A bar: where it begins and how wide it is in percent, and how high in pixels."""

    tone: Tone
    left: float
    width: float
    top: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """A point of a curve, seen while the pointer is near."""

    tone: Tone
    at: float
    top: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A place along the chart: what is seen while the pointer is there."""

    left: float
    width: float
    middle: float
    label: Label
    values: tuple[str, ...]
    """Each series' number as it is written; a dash for none."""
    dots: tuple[Dot, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart, ready to be drawn: {{ chart("profiles", page.profiles) }}."""

    title: str
    summary: str
    """What it shows, in a sentence: for those who do not see it."""
    along: str
    """What lies along it, for the head of its table: "Hour", "Score"."""
    series: tuple[Series, ...]
    scale_width: int
    """How much room the numbers of the axis need, in pixels."""
    grid: tuple[GridLine, ...]
    ticks: tuple[Tick, ...]
    curves: tuple[Curve, ...] = ()
    bars: tuple[Bar, ...] = ()
    spots: tuple[Spot, ...] = ()
    note: str = ""
    """What readers should know of the numbers."""
    height: int = HEIGHT
    top: int = TOP
    bottom: int = TOP + PLOT

    @property
    def is_empty(self) -> bool:
        """Whether there is no number in it."""
        return not any(value is not None for one in self.series for value in one.values)


def height_at(scale: Scale, value: float) -> float:
    """How many pixels from the top a value is."""
    return round(TOP + PLOT * (1 - scale.share(value)), 1)


def grid_of(scale: Scale, words: Words) -> tuple[GridLine, ...]:
    """The lines across a chart; the strong one is at zero, else at the bottom."""
    base = 0 if scale.low <= 0 <= scale.high else scale.low
    return tuple(
        GridLine(at=height_at(scale, tick), text=words(tick), is_base=tick == base)
        for tick in scale.ticks
    )


def width_of(grid: Sequence[GridLine]) -> int:
    """How much room the numbers of an axis need."""
    return int(max(len(line.text) for line in grid) * _LETTER) + 8


def ticks_of(labels: Sequence[Label]) -> tuple[Tick, ...]:
    """The labels that are written below the plot: so many that they can be read."""
    step = max(1, -(-len(labels) // _MOST_LABELS))
    chosen = range(0, len(labels), step)
    return tuple(
        tick_at(100 * (index + 0.5) / len(labels), labels[index], is_spare=bool(place % 2))
        for place, index in enumerate(chosen)
    )


def tick_at(at: float, label: Label, *, is_spare: bool = False) -> Tick:
    """A label at so many percent; near an end it does not reach beyond it."""
    anchor: Literal["start", "middle", "end"] = "middle"
    if at < _NEAR_AN_END:
        anchor = "start"
    elif at > 100 - _NEAR_AN_END:
        anchor = "end"
    return Tick(at=round(at, 2), anchor=anchor, label=label, is_spare=is_spare)


def labels_of(labels: Sequence[str | Label]) -> tuple[Label, ...]:
    """Labels from texts."""
    return tuple(label if isinstance(label, Label) else Label(text=label) for label in labels)


def spots_of(
    labels: Sequence[Label],
    series: Sequence[Series],
    words: Words,
    *,
    scale: Scale | None = None,
) -> tuple[Spot, ...]:
    """What is seen at each place under the pointer; with a scale, points of curves, too."""
    width = 100 / max(len(labels), 1)
    return tuple(
        Spot(
            left=round(index * width, 3),
            width=round(width, 3),
            middle=round((index + 0.5) * width, 3),
            label=label,
            values=tuple(written(one.values[index], words) for one in series),
            dots=() if scale is None else _dots(series, index, (index + 0.5) * width, scale),
        )
        for index, label in enumerate(labels)
    )


def written(value: float | None, words: Words) -> str:
    """A number as it is written; a dash for none."""
    return "—" if value is None else words(value)


def summary_of(labels: Sequence[Label], series: Sequence[Series], words: Words) -> str:
    """What a chart shows, in sentences: of each series the first, the last, the least, the most."""
    return " ".join(_told(one, labels, words) for one in series)


def _told(one: Series, labels: Sequence[Label], words: Words) -> str:
    known = [
        (value, label.text)
        for value, label in zip(one.values, labels, strict=True)
        if value is not None
    ]
    if not known:
        return f"{one.name}: no numbers."
    (first, since), (last, until) = known[0], known[-1]
    most, at_most = max(known, key=lambda pair: pair[0])
    least = min(value for value, _ in known)
    return (
        f"{one.name}: {words(first)} at {since}, {words(last)} at {until}; "
        f"the least is {words(least)}, the most {words(most)} at {at_most}."
    )


def _dots(series: Sequence[Series], index: int, at: float, scale: Scale) -> tuple[Dot, ...]:
    return tuple(
        Dot(tone=one.tone, at=round(at, 3), top=height_at(scale, value))
        for one in series
        if (value := one.values[index]) is not None
    )
