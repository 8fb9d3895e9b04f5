"""`HeldRanges`: which sequence numbers behind a gap have been received."""

from __future__ import annotations

from bare import Array, array, struct, u32
from kernel.net.tcp.sequence import SequenceRange

MAX_HELD_RANGES = 16
"""Gaps at a time; a segment that would make one more is dropped, and comes again."""


@struct
class HeldRanges:
    """Disjoint ranges, the one that changed last in front, as SACK reports them (RFC 2018, 4)."""

    count: u32 = 0
    ranges: Array[SequenceRange] = array(MAX_HELD_RANGES)
