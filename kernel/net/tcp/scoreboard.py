"""`SackScoreboard`: which parts of what we sent the peer has, out of order (RFC 2018, RFC 6675).

Ranges instead of a list of segments: there are no segments in memory to mark. What counts as lost
is then a single number: all that is not in a range and is before `lost_edge`.
"""

from __future__ import annotations

from bare import Array, array, struct, u32
from kernel.net.tcp.sequence import (
    SequenceRange,
    distance,
    earlier,
    is_at_or_before,
    is_before,
    later,
)
from kernel.net.tcp.settings import DUPLICATE_THRESHOLD

MAX_SACKED_RANGES: u32 = 32
"""Ranges remembered; what does not fit is forgotten, which costs a retransmission at most."""


@struct
class SackScoreboard:
    """Disjoint ranges in order, which do not touch. Zeroed is empty."""

    count: u32 = 0
    total: u32 = 0
    """Bytes in all ranges."""
    ranges: Array[SequenceRange] = array(MAX_SACKED_RANGES)

    def clear(self) -> None:
        """Forgets everything."""
        self.count = 0
        self.total = 0

    def add(self, left: u32, right: u32) -> u32:
        """Adds a range and returns how many bytes in it were new."""
        before = self.total
        first: u32 = 0
        while first < self.count and is_before(self.ranges[first].right, left):
            first += 1
        behind = first
        while behind < self.count and is_at_or_before(self.ranges[behind].left, right):
            self.total -= self.ranges[behind].length()
            left = earlier(left, self.ranges[behind].left)
            right = later(right, self.ranges[behind].right)
            behind += 1
        if behind == first and not self._make_room(first):
            return 0
        self.ranges[first].left = left
        self.ranges[first].right = right
        self.total += distance(left, right)
        if behind > first + 1:
            self._close_up(first + 1, behind)
        return self.total - before

    def forget_below(self, sequence: u32) -> None:
        """Takes out what is acknowledged now."""
        gone: u32 = 0
        while gone < self.count and is_at_or_before(self.ranges[gone].right, sequence):
            self.total -= self.ranges[gone].length()
            gone += 1
        if gone > 0:
            self._close_up(0, gone)
        if self.count > 0 and is_before(self.ranges[0].left, sequence):
            self.total -= distance(self.ranges[0].left, sequence)
            self.ranges[0].left = sequence

    def highest(self, otherwise: u32) -> u32:
        """Returns the end of the last range; `otherwise` without one."""
        return self.ranges[self.count - 1].right if self.count > 0 else otherwise

    def last_left(self, otherwise: u32) -> u32:
        """Returns where the last range begins; `otherwise` without one."""
        return self.ranges[self.count - 1].left if self.count > 0 else otherwise

    def lost_edge(self, segment: u32, otherwise: u32) -> u32:
        """Returns up to where `IsLost` of RFC 6675, 4 holds for what has not arrived: DupThresh
        ranges are behind it, or more than DupThresh - 1 segments' bytes; `otherwise` if nowhere.
        """
        data: u32 = 0
        index = self.count
        while index > 0:
            index -= 1
            data += self.ranges[index].length()
            is_enough = self.count - index >= DUPLICATE_THRESHOLD
            if is_enough or data > (DUPLICATE_THRESHOLD - 1) * segment:
                return self.ranges[index].left
        return otherwise

    def arrived_behind(self, sequence: u32) -> u32:
        """Returns the bytes in ranges that are behind a number."""
        data: u32 = 0
        index = self.count
        while index > 0 and is_before(sequence, self.ranges[index - 1].right):
            index -= 1
            left = later(self.ranges[index].left, sequence)
            data += distance(left, self.ranges[index].right)
        return data

    def missing_between(self, left: u32, right: u32) -> u32:
        """Returns how many numbers from `left` up to `right` are in no range."""
        if is_at_or_before(right, left):
            return 0
        return distance(left, right) + self.arrived_behind(right) - self.arrived_behind(left)

    def first_missing(self, sequence: u32) -> u32:
        """Returns the first number at or behind `sequence` that is in no range."""
        for index in range(self.count):
            found = self.ranges[index]
            if is_before(sequence, found.left):
                return sequence
            if is_before(sequence, found.right):
                return found.right
        return sequence

    def hole_end(self, sequence: u32, otherwise: u32) -> u32:
        """Returns where the next range behind a missing number begins; `otherwise` without one."""
        for index in range(self.count):
            if is_before(sequence, self.ranges[index].left):
                return self.ranges[index].left
        return otherwise

    def _make_room(self, place: u32) -> bool:
        """Moves the ranges from `place` on by one; False where the table is full."""
        if self.count == MAX_SACKED_RANGES:
            return False
        index = self.count
        while index > place:
            self.ranges[index].left = self.ranges[index - 1].left
            self.ranges[index].right = self.ranges[index - 1].right
            index -= 1
        self.count += 1
        return True

    def _close_up(self, place: u32, behind: u32) -> None:
        """Takes out the ranges from `place` up to `behind`."""
        for index in range(behind, self.count):
            self.ranges[place + index - behind].left = self.ranges[index].left
            self.ranges[place + index - behind].right = self.ranges[index].right
        self.count -= behind - place
