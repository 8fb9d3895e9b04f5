"""Division by zero traps."""

from __future__ import annotations

from bare import i32


def divide(left: i32, right: i32) -> i32:
    """Divides."""
    return left // right


def main() -> None:
    """Divides by one, then by zero."""
    print(divide(5, 1))
    print(divide(5, 0))
