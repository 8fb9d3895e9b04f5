"""`HeldRanges`: which sequence numbers behind a gap have been received."""

from __future__ import annotations

from bare import Array, array, struct, u32
from kernel.net.tcp.sequence import SequenceRange, earlier, is_at_or_before, later

MAX_HELD_RANGES: u32 = 16
"""Gaps at a time; a segment that would make one more is dropped, and comes again."""


@struct
class HeldRanges:
    """Disjoint ranges, the one that changed last in front, as SACK reports them (RFC 2018, 4)."""

    count: u32 = 0
    ranges: Array[SequenceRange] = array(MAX_HELD_RANGES)

    def contains(self, left: u32, right: u32) -> bool:
        """Says whether all of a range is held already; it moves to the front then."""
        for index in range(self.count):
            found = self.ranges[index]
            if is_at_or_before(found.left, left) and is_at_or_before(right, found.right):
                self._put_in_front(index, found.left, found.right)
                return True
        return False

    def add(self, left: u32, right: u32) -> bool:
        """Adds a range; False, and nothing changes, where there is no room for one more."""
        kept: u32 = 0
        is_merged = False
        for index in range(self.count):
            found = self.ranges[index]
            if is_at_or_before(found.left, right) and is_at_or_before(left, found.right):
                is_merged = True
        if not is_merged and self.count == MAX_HELD_RANGES:
            return False
        for index in range(self.count):
            found = self.ranges[index]
            if is_at_or_before(found.left, right) and is_at_or_before(left, found.right):
                left = earlier(left, found.left)
                right = later(right, found.right)
            else:
                self.ranges[kept].left = found.left
                self.ranges[kept].right = found.right
                kept += 1
        self.count = kept + 1
        self._put_in_front(kept, left, right)
        return True

    def take_reachable(self, sequence: u32) -> u32:
        """Takes out what a stream that is complete up to `sequence` reaches, and returns where it
        is complete then.
        """
        index: u32 = 0
        while index < self.count:
            found = self.ranges[index]
            if is_at_or_before(found.left, sequence):
                sequence = later(sequence, found.right)
                self._take_out(index)
                index = 0
            else:
                index += 1
        return sequence

    def _take_out(self, place: u32) -> None:
        """Takes one range out; the others keep their order."""
        self.count -= 1
        for index in range(place, self.count):
            self.ranges[index].left = self.ranges[index + 1].left
            self.ranges[index].right = self.ranges[index + 1].right

    def _put_in_front(self, place: u32, left: u32, right: u32) -> None:
        """Moves those before `place` back by one, over it, and writes the first one."""
        index = place
        while index > 0:
            self.ranges[index].left = self.ranges[index - 1].left
            self.ranges[index].right = self.ranges[index - 1].right
            index -= 1
        self.ranges[0].left = left
        self.ranges[0].right = right
