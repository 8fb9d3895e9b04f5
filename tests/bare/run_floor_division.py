"""// and % round towards minus infinity; >> does too."""

from __future__ import annotations

from bare import i32, u32


def show(left: i32, right: i32) -> None:
    """Prints quotient and remainder, which make up the dividend."""
    quotient = left // right
    remainder = left % right
    print(left, right, quotient, remainder, quotient * right + remainder == left)


def main() -> None:
    """Divides with all combinations of signs."""
    show(7, 2)
    show(-7, 2)
    show(7, -2)
    show(-7, -2)
    show(6, -3)
    show(-1, 1000)
    big: u32 = 4_000_000_000
    print(big // 7, big % 7)
    negative: i32 = -9
    print(negative >> 1, negative >> 2, negative >> 100, big >> 31, big >> 32)
