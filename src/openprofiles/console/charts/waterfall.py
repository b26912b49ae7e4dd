"""A waterfall: how pieces of evidence add up, from nothing to a sum, as an SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Literal

from markupsafe import Markup

WIDTH = 720
LABELS = 190
"""What the names of the steps take of the width."""

NUMBERS = 56
"""What is kept free at the right, for the number of a bar that ends there."""

ROW = 26
BAR = 16
FOOT = 26
STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
MOST_LINES = 7
MINUS = "\N{MINUS SIGN}"

Kind = Literal["for", "against", "sum"]


@dataclass(frozen=True, slots=True)
class Step:
    """One piece: what it is called, and what it adds; negative numbers speak against."""

    label: str
    amount: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One piece where it stands: it leads from `start` to `end`."""

    label: str
    amount: float
    start: float
    end: float

    @property
    def kind(self) -> Kind:
        """How it is coloured."""
        return "for" if self.amount >= 0 else "against"


def bars_of(steps: Sequence[Step]) -> list[Bar]:
    """Each step where the one before it ended."""
    bars: list[Bar] = []
    level = 0.0
    for step in steps:
        bars.append(Bar(step.label, step.amount, level, level + step.amount))
        level += step.amount
    return bars


def draw(steps: Sequence[Step], *, title: str, sum_label: str, unit: str) -> Markup:
    """The waterfall of some steps, ended by their sum."""
    bars = bars_of(steps)
    total = bars[-1].end if bars else 0.0
    scale = _Scale.around([0.0, total, *(bar.end for bar in bars)])
    height = ROW * (len(bars) + 1) + FOOT
    parts = [_line(scale, value, height) for value in scale.lines()]
    parts += [_row(scale, place, bar, bar.kind) for place, bar in enumerate(bars)]
    parts += [_joint(scale, place, bar) for place, bar in enumerate(bars)]
    parts.append(_row(scale, len(bars), Bar(sum_label, total, 0.0, total), "sum"))
    return Markup(
        '<svg class="waterfall" viewBox="0 0 {} {}" role="img" aria-label="{}">{}'
        '<text class="unit" x="{}" y="{}" text-anchor="end">{}</text></svg>'
    ).format(WIDTH, height, title, Markup("").join(parts), WIDTH, height - 8, unit)


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where numbers stand: from `least` to `most`, a line at each multiple of `step`."""

    least: float
    most: float
    step: int

    @classmethod
    def around(cls, values: Sequence[float]) -> "_Scale":
        span = max(max(values) - min(values), 1.0)
        step = next((step for step in STEPS if span / step <= MOST_LINES), STEPS[-1])
        return cls(floor(min(values) / step) * step, ceil(max(values) / step) * step, step)

    def x(self, value: float) -> float:
        """The place of a number."""
        room = WIDTH - LABELS - NUMBERS
        return round(LABELS + room * (value - self.least) / max(self.most - self.least, 1), 1)

    def lines(self) -> list[int]:
        """The numbers that have lines."""
        return list(range(int(self.least), int(self.most) + 1, self.step))


def _line(scale: _Scale, value: int, height: int) -> Markup:
    kind = "zero" if value == 0 else "grid"
    return Markup(
        '<line class="{}" x1="{x}" x2="{x}" y1="0" y2="{}"/>'
        '<text class="scale" x="{x}" y="{}" text-anchor="middle">{}</text>'
    ).format(kind, height - FOOT, height - 8, signed(value, 0), x=scale.x(value))


def _row(scale: _Scale, place: int, bar: Bar, kind: Kind) -> Markup:
    left, right = sorted((scale.x(bar.start), scale.x(bar.end)))
    middle = ROW * place + ROW / 2
    return Markup(
        '<text class="label {kind}" x="0" y="{y}">{label}</text>'
        '<rect class="{kind}" x="{left}" y="{top}" width="{width}" height="{height}" rx="2"/>'
        '<text class="number" x="{beside}" y="{y}">{amount}</text>'
    ).format(
        kind=kind,
        y=middle + 4.5,
        label=bar.label,
        left=left,
        top=middle - BAR / 2,
        width=max(round(right - left, 1), 1.5),
        height=BAR,
        beside=right + 5,
        amount=signed(bar.amount),
    )


def _joint(scale: _Scale, place: int, bar: Bar) -> Markup:
    """What leads from the end of a bar to the beginning of the next one."""
    return Markup('<line class="joint" x1="{x}" x2="{x}" y1="{}" y2="{}"/>').format(
        ROW * place + (ROW + BAR) / 2, ROW * (place + 1) + (ROW - BAR) / 2, x=scale.x(bar.end)
    )


def signed(amount: float, digits: int = 1) -> str:
    """A number with its sign, with the minus that is as wide as a plus."""
    text = f"{amount:+.{digits}f}"
    return "0" if not text.strip("+-0.") else text.replace("-", MINUS)
