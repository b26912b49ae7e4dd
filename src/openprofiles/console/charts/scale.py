"""Round numbers along an axis, and numbers in few letters."""

import math
from collections.abc import Callable
from dataclasses import dataclass

Words = Callable[[float], str]
"""How a number is written."""

_STEPS = (1, 2, 2.5, 5, 10)
_SIZES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis from `low` to `high` with round numbers on it, the ends included."""

    low: float
    high: float
    ticks: tuple[float, ...]

    @classmethod
    def over(
        cls, low: float, high: float, *, most_ticks: int = 4, smallest_step: float = 0
    ) -> "Scale":
        """The shortest axis with round numbers that has `low` and `high` on it.

        Steps are not below `smallest_step`: what is counted in whole numbers has no half.
        """
        if low == high:
            high = low + (abs(low) or 1)
        step = max(_round_up((high - low) / most_ticks), smallest_step)
        first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
        ticks = tuple(round(number * step, 12) for number in range(first, last + 1))
        return cls(ticks[0], ticks[-1], ticks)

    def share(self, value: float) -> float:
        """How far along the axis a value is, from 0 to 1."""
        return (value - self.low) / (self.high - self.low)


def _round_up(step: float) -> float:
    size = 10.0 ** math.floor(math.log10(step))
    return next(factor * size for factor in _STEPS if factor * size >= step * (1 - 1e-9))


def rounded(number: float) -> str:
    """A number in groups of three digits, with as many decimals as it takes to tell it."""
    if number == int(number):
        return f"{int(number):,}"
    decimals = 1 if abs(number) >= 100 else 2
    return f"{number:,.{decimals}f}"


def compact(number: float) -> str:
    """A number in few letters, for an axis: 12.5k, 3M."""
    for size, letter in _SIZES:
        if abs(number) >= size:
            return f"{number / size:.4g}{letter}"
    return f"{number:.4g}"


def percent(share: float) -> str:
    """A share in percent; as many decimals as tell a few from none, and nearly all from all."""
    hundredths = share * 100
    decimals = 1 if 0 < hundredths < 10 or 90 < hundredths < 100 else 0
    written = f"{hundredths:.{decimals}f}"
    if share > 0 and float(written) == 0:
        return "< 0.1 %"
    if share < 1 and float(written) == 100:
        return "> 99.9 %"
    return f"{written} %"
