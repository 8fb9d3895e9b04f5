"""The one quotient that does not fit: the smallest integer divided by minus one."""

from __future__ import annotations

from bare import i8


def divide(left: i8, right: i8) -> i8:
    """Divides."""
    return left // right


def main() -> None:
    """Divides -127, then -128, by -1."""
    print(divide(-127, -1))
    print(divide(-128, -1))
