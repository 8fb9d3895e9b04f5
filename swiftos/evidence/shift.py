"""How far one group of boots lies from another: Hodges and Lehmann's estimate, exact interval.

The estimate is the median of all differences between a boot of one group and a boot of the other.
Its interval comes from counting, not from a model of the noise: it holds for every distribution,
and the same figures always give the same interval. Hodges and Lehmann, "Estimates of Location Based
on Rank Tests" (1963); the counts are those of Mann and Whitney (1947).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from statistics import median

LEVEL = 0.002
"""How often an interval may miss the true shift, at most."""


@dataclass(frozen=True)
class Shift:
    """A shift with its interval at `LEVEL`; infinite ends where there are too few boots."""

    value: float
    low: float
    high: float

    @property
    def width(self) -> float:
        """Returns how wide the interval is."""
        return self.high - self.low


def shift(first: Sequence[float], second: Sequence[float]) -> Shift:
    """Returns how far `second` lies above `first`, in their unit."""
    gaps = sorted(late - early for early in first for late in second)
    cut = gaps_cut_off(len(first), len(second))
    if cut == 0:
        return Shift(median(gaps), -math.inf, math.inf)
    return Shift(median(gaps), gaps[cut - 1], gaps[-cut])


@cache
def gaps_cut_off(first: int, second: int) -> int:
    """Returns the rank, from either end, of the difference that ends the interval; 0: there is
    none, because even the most lopsided order of so few boots is no rarer than `LEVEL`."""
    counts = order_counts(first, second)
    allowed = LEVEL / 2 * math.comb(first + second, first)
    below = 0
    for rank, count in enumerate(counts):
        below += count
        if below > allowed:
            return rank
    return 0


@cache
def order_counts(first: int, second: int) -> tuple[int, ...]:
    """Returns, for each number of pairs in which the second group is ahead, how many orders of two
    groups without a difference have it."""
    counts = [1] + [0] * (first * second)
    for size in range(1, first + 1):
        # Gauss's binomial, factor by factor: multiply by 1 - q^(second+size), divide by 1 - q^size.
        for rank in range(first * second, second + size - 1, -1):
            counts[rank] -= counts[rank - second - size]
        for rank in range(size, first * second + 1):
            counts[rank] += counts[rank - size]
    return tuple(counts)


def boots_needed() -> int:
    """Returns the smallest number of boots in each group that gives an interval."""
    return next(number for number in range(2, 100) if gaps_cut_off(number, number))
