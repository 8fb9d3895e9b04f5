"""Axes and numbers: values to places on an axis, round marks, units that fit the size."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from swiftos.evidence.figures import number, percent

EDGE = 0.03
"""How far the outermost values lie from the ends of the axis, as a part of its length."""
STEPS = (1, 2, 2.5, 5, 10)
MOST_MARKS = 5
TIME_UNITS = (("ns", 1.0), ("us", 1e3), ("ms", 1e6), ("s", 1e9))
SIZE_UNITS = (("bytes", 1.0), ("KiB", 1024.0), ("MiB", 1024.0**2), ("GiB", 1024.0**3))
SPOKEN = {"1/s": "/s"}
LARGE = 1000
MOST_DIGITS = 5


@dataclass(frozen=True)
class Unit:
    """A unit to show values in: what to divide them by, and its name."""

    name: str
    divisor: float

    def text(self, value: float) -> str:
        """Spells a value with its unit."""
        shown = value / self.divisor
        digits = number(round(shown)) if abs(shown) >= LARGE else _significant(shown)
        return f"{digits} {self.name}"

    def range(self, low: float, high: float) -> str:
        """Spells two ends without the unit, with as many digits as tell them apart, at most
        MOST_DIGITS; ends that are equal then by how near they are."""
        low, high = low / self.divisor, high / self.divisor
        if low == high or (low == int(low) and high == int(high)):
            return f"{number(low)} to {number(high)}"
        digits = max(0, 1 - math.floor(math.log10(high - low)))
        most = max(0, MOST_DIGITS - 1 - math.floor(math.log10(max(abs(low), abs(high)))))
        ends = [f"{value:,.{min(digits, most)}f}" for value in (low, high)]
        if ends[0] == ends[1]:
            return f"within {percent(high / low - 1, '')}"
        return " to ".join(ends)

    def bare(self, value: float) -> str:
        """Spells a value without its unit, for an axis."""
        shown = value / self.divisor
        return number(round(shown)) if abs(shown) >= LARGE else f"{shown:.6g}"


@dataclass(frozen=True)
class Axis:
    """A line from `low` to `high` with round marks."""

    low: float
    high: float
    marks: tuple[float, ...]

    def place(self, value: float) -> float:
        """Returns where a value lies, in percent of the axis."""
        part = (value - self.low) / (self.high - self.low)
        return round(100 * (EDGE + (1 - 2 * EDGE) * part), 2)


def unit_for(unit: str, values: Sequence[float]) -> Unit:
    """Returns the unit of the same kind in which the largest value has few digits."""
    largest = max((abs(value) for value in values), default=0.0)
    for family in (TIME_UNITS, SIZE_UNITS):
        factors = dict(family)
        if unit in factors and largest:
            fitting = [item for item in family if item[1] <= largest * factors[unit]]
            name, factor = fitting[-1] if fitting else family[0]
            return Unit(name, factor / factors[unit])
    return Unit(SPOKEN.get(unit, unit), 1.0)


def axis(values: Sequence[float]) -> Axis:
    """Returns an axis that holds all values; equal values lie in its middle."""
    low, high = min(values), max(values)
    if low == high:
        room = abs(low) * 0.01 or 1.0
        low, high = low - room, high + room
    return Axis(low, high, marks(low, high))


def marks(low: float, high: float) -> tuple[float, ...]:
    """Returns at most MOST_MARKS round values within the ends."""
    rough = (high - low) / (MOST_MARKS - 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in STEPS if power * factor >= rough * 0.999)
    first = math.ceil(low / step)
    count = math.floor(high / step) - first + 1
    return tuple(round((first + index) * step, 12) for index in range(count))


def _significant(value: float) -> str:
    """Spells a value below LARGE with three digits, whole ones without a point."""
    return f"{value:,.0f}" if value == int(value) else f"{value:#.3g}".rstrip(".")
