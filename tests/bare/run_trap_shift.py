"""A negative shift count traps."""

from __future__ import annotations

from bare import i32, u32


def shift(value: u32, count: i32) -> u32:
    """Shifts left."""
    return value << count


def main() -> None:
    """Shifts by zero, then by minus one."""
    print(shift(3, 0))
    print(shift(3, -1))
