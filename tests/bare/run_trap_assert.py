"""An assertion stays in every build."""

from __future__ import annotations

from bare import u32


def half(value: u32) -> u32:
    """Divides an even number."""
    assert value % 2 == 0, "the value is even"
    return value // 2


def main() -> None:
    """Halves an even number, then an odd one."""
    print(half(10))
    print(half(11))
