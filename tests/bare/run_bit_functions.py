"""Functions on bits, minimum, maximum and absolute value."""

from __future__ import annotations

from bare import (
    byte_swap,
    count_ones,
    i16,
    i32,
    leading_zeros,
    multiply_high,
    rotate_left,
    rotate_right,
    trailing_zeros,
    u8,
    u16,
    u32,
    u64,
)


def main() -> None:
    """Applies each function at several widths."""
    a: u8 = 0b0001_0110
    print(rotate_left(a, 3), rotate_right(a, 3), rotate_left(a, 8), rotate_left(a, 11))
    print(count_ones(a), leading_zeros(a), trailing_zeros(a))
    zero: u32 = 0
    print(count_ones(zero), leading_zeros(zero), trailing_zeros(zero))
    b: u16 = 0x1234
    c: u32 = 0x12345678
    d: u64 = 0x0123_4567_89AB_CDEF
    print(f"{byte_swap(b):x} {byte_swap(c):x} {byte_swap(d):x}")
    print(f"{rotate_left(d, 4):x} {rotate_right(d, 68):x}")
    print(f"{multiply_high(d, 0xFFFF_FFFF_FFFF_FFFF):x}")
    e: i32 = -7
    f: i16 = 30
    print(min(e, 3), max(e, 3), abs(e), abs(f), min(c, 5), max(b, a))
    print(leading_zeros(d), leading_zeros(b), trailing_zeros(d << 5))
