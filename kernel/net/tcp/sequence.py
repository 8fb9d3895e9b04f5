"""Sequence numbers: 32 bits that wrap around (RFC 9293, 3.4).

Two numbers are compared by the shorter way round, so they must be less than 2**31 apart; windows
are at most 2**30 (RFC 7323, 2.3).
"""

from __future__ import annotations

from bare import always_inline, struct, u32, wrapping_add, wrapping_sub

HALF: u32 = 0x8000_0000


@always_inline
def advance(start: u32, count: u32) -> u32:
    """Returns the sequence number `count` behind `start`."""
    return wrapping_add(start, count)


@always_inline
def retreat(start: u32, count: u32) -> u32:
    """Returns the sequence number `count` before `start`."""
    return wrapping_sub(start, count)


@always_inline
def distance(start: u32, end: u32) -> u32:
    """Returns how far `end` is behind `start`, which must not be after it."""
    return wrapping_sub(end, start)


@always_inline
def is_before(left: u32, right: u32) -> bool:
    """Says whether `left` < `right`."""
    return wrapping_sub(left, right) >= HALF


@always_inline
def is_at_or_before(left: u32, right: u32) -> bool:
    """Says whether `left` <= `right`."""
    return wrapping_sub(right, left) < HALF


@always_inline
def later(left: u32, right: u32) -> u32:
    """Returns the greater one."""
    return right if is_before(left, right) else left


@always_inline
def earlier(left: u32, right: u32) -> u32:
    """Returns the smaller one."""
    return left if is_before(left, right) else right


@struct
class SequenceRange:
    """Sequence numbers from `left` up to, not including, `right`."""

    left: u32 = 0
    right: u32 = 0

    def length(self) -> u32:
        """Returns how many numbers are in it."""
        return distance(self.left, self.right)
