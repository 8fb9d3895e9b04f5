"""An unannotated local takes the type of its first value."""

from __future__ import annotations

from bare import u8, u16, u64


def main() -> None:
    """Shows the types of locals by what they hold."""
    number = 5
    number -= 7
    print(number)
    large = 4_000_000_000
    print(large * 2)
    byte: u8 = 250
    copy = byte
    print(copy)
    wide = u64(byte) * 1_000_000_000_000
    print(wide)
    total: u16 = 0
    for value in b"\xff\xff":
        total += value
    print(total)
    ratio = 0.25
    print(f"{ratio * 3:.2f}")
    is_small = byte < 10
    print(is_small)
    first = second = u16(3)
    second += first
    print(first, second)
