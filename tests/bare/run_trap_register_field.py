"""A value that is wider than its bits traps."""

from __future__ import annotations

from bare import u32
from bare.registers import Register, bits


class Divisor(Register, width=32):
    """A register."""

    low = bits(3, 0)
    high = bits(7, 4)


def make(low: u32, high: u32) -> u32:
    """Puts two numbers into a register."""
    register = Divisor()
    register.low = low
    register.high = high
    return register.value


def main() -> None:
    """Fills the field, then overfills it."""
    print(make(15, 1))
    print(make(3, 16))
