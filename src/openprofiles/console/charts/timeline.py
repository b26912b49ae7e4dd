"""A timeline: lanes of what happened, each moment at its place; many at one place are one mark."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

LEFT, RIGHT, TOP = 140, 640, 12
LANE = 30
BINS = 48
SMALLEST, LARGEST = 4.0, 11.0
TICKS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What happened at about one time."""

    x: float
    radius: float
    count: int
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One kind of what happened."""

    label: str
    kind: str
    y: int
    count: int
    first: datetime
    last: datetime
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A place on the axis with what it says."""

    x: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """All of it; `width` and `height` are those of the viewBox."""

    width: int
    height: int
    left: int
    right: int
    axis: int
    lanes: tuple[Lane, ...]
    ticks: tuple[Tick, ...]


def timeline(lanes: Sequence[tuple[str, str, Sequence[datetime]]]) -> Timeline | None:
    """The drawing of lanes (label, kind for the stylesheet, moments); None when there is none."""
    filled = [lane for lane in lanes if lane[2]]
    if not filled:
        return None
    start = min(min(moments) for _, _, moments in filled)
    end = max(max(moments) for _, _, moments in filled)
    if end - start < timedelta(hours=1):
        start, end = start - timedelta(hours=12), end + timedelta(hours=12)
    axis = TOP + LANE * len(filled) + 4
    return Timeline(
        width=650,
        height=axis + 24,
        left=LEFT,
        right=RIGHT,
        axis=axis,
        lanes=tuple(
            Lane(
                label=label,
                kind=kind,
                y=TOP + LANE * place + LANE // 2,
                count=len(moments),
                first=min(moments),
                last=max(moments),
                marks=_marks(moments, start, end),
            )
            for place, (label, kind, moments) in enumerate(filled)
        ),
        ticks=_ticks(start, end),
    )


def _marks(moments: Sequence[datetime], start: datetime, end: datetime) -> tuple[Mark, ...]:
    bins: dict[int, list[datetime]] = {}
    for moment in moments:
        bins.setdefault(int((moment - start) / (end - start) * (BINS - 1) + 0.5), []).append(moment)
    most = max(map(len, bins.values()))
    return tuple(_mark(place, found, most) for place, found in sorted(bins.items()))


def _mark(place: int, found: Sequence[datetime], most: int) -> Mark:
    share = (len(found) / most) ** 0.5 if most > 1 else 0.3
    return Mark(
        x=round(LEFT + 14 + (RIGHT - LEFT - 28) * place / (BINS - 1), 1),
        radius=round(SMALLEST + (LARGEST - SMALLEST) * share, 1),
        count=len(found),
        start=min(found),
        end=max(found),
    )


def _ticks(start: datetime, end: datetime) -> tuple[Tick, ...]:
    span = end - start
    formats: Mapping[timedelta, str] = {
        timedelta(days=2): "%d %b %H:%M",
        timedelta(days=120): "%d %b",
    }
    form = next((said for most, said in formats.items() if span <= most), "%b %Y")
    ticks: dict[str, Tick] = {}
    for place in range(TICKS):
        label = (start + span * place / (TICKS - 1)).strftime(form)
        x = round(LEFT + 14 + (RIGHT - LEFT - 28) * place / (TICKS - 1), 1)
        ticks.setdefault(label, Tick(x=x, label=label))
    return tuple(ticks.values())
