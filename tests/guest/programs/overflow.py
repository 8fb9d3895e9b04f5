"""overflow - add one to the largest u8."""

from __future__ import annotations

from bare import i32, u8
from user.lib.arguments import Arguments


def successor(value: u8) -> u8:
    """Returns value + 1; traps on 255."""
    return value + 1


def main(arguments: Arguments) -> i32:
    """Traps: 255 + 1 is no u8."""
    value = u8(254 + min(arguments.count, 1))
    return successor(value)
