"""bad_index - read behind the end of an array."""

from __future__ import annotations

from bare import Array, Span, array, i32, u8, usize
from user.lib.arguments import Arguments

LENGTH = 4


def pick(table: Span[u8], index: usize) -> u8:
    """Returns an element."""
    return table[index]


def main(arguments: Arguments) -> i32:
    """Traps: there is no element 4."""
    table: Array[u8] = array(LENGTH)
    return pick(table[:], arguments.count + LENGTH - 1)
