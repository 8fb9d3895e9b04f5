"""`SackScoreboard`: which parts of what we sent the peer has, out of order (RFC 2018, RFC 6675)."""

from __future__ import annotations

from bare import Array, array, struct, u32
from kernel.net.tcp.sequence import SequenceRange

MAX_SACKED_RANGES = 32
"""Ranges remembered; what does not fit is forgotten, which costs a retransmission at most."""


@struct
class SackScoreboard:
    """Disjoint ranges in order."""

    count: u32 = 0
    ranges: Array[SequenceRange] = array(MAX_SACKED_RANGES)
