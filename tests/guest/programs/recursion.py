"""recursion - call itself without end."""

from __future__ import annotations

from bare import i32, never_inline, u64
from user.lib.arguments import Arguments


@never_inline
def depth(level: u64) -> u64:
    """Returns a number that is never computed, since the stack ends first."""
    return depth(level + 1) + level % 3


def main(arguments: Arguments) -> i32:
    """Runs out of stack."""
    return i32(depth(arguments.count) % 7)
