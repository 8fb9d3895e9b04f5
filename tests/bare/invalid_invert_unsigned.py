"""`~` of an unsigned integer would be negative."""

from __future__ import annotations

from bare import u32


def clear_low(flags: u32) -> u32:
    return flags & ~(flags & 0xF)

# error[E0309] 9:20-33: `~` on u32, which has no negative values
#   help: use `invert(x)`
