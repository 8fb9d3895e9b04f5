"""`Durations`: intervals of the CPU's counter, each kept, for their least, median and most."""

from __future__ import annotations

from bare import Array, Span, array, struct, u64, usize
from user.lib.ticks import interval_ns

CAPACITY = 4096
"""Of what comes behind so many nothing is kept."""


@struct
class Durations:
    """The first CAPACITY intervals, in ticks of the counter."""

    count: usize = 0
    kept: Array[u64] = array(CAPACITY)

    def add(self, ticks: u64) -> None:
        """Keeps an interval while there is room."""
        if self.count < CAPACITY:
            self.kept[self.count] = ticks
            self.count += 1

    def print_line(self, name: str) -> None:
        """Prints `NAME: kept=N least_ns=... median_ns=... most_ns=...`."""
        values = self.kept[: self.count]
        least = interval_ns(of_rank(values, 1))
        middle = interval_ns(of_rank(values, (self.count + 1) // 2))
        most = interval_ns(of_rank(values, self.count))
        print(f"{name}: kept={self.count} least_ns={least} median_ns={middle} most_ns={most}")


def of_rank(values: Span[u64], rank: usize) -> u64:
    """Returns the value of a rank, 1 for the least; 0 of no values.

    Halves the range of values instead of sorting them: nothing is moved.
    """
    low: u64 = 0
    high: u64 = 0
    for value in values:
        high = max(high, value)
    while low < high:
        middle = low + (high - low) // 2
        if count_up_to(values, middle) >= rank:
            high = middle
        else:
            low = middle + 1
    return low


def count_up_to(values: Span[u64], most: u64) -> usize:
    """Returns how many values are not above `most`."""
    count: usize = 0
    for value in values:
        if value <= most:
            count += 1
    return count
