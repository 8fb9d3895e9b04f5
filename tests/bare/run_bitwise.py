"""& | ^ on one integer type; ~ on signed; invert() on unsigned."""

from __future__ import annotations

from bare import i8, i32, invert, u8, u32


def main() -> None:
    """Combines bits."""
    a: u8 = 0b1100
    b: u8 = 0b1010
    print(a & b, a | b, a ^ b, invert(a))
    c: i8 = -86
    print(c & 15, c | 1, c ^ -1, ~c)
    d: u32 = 0xF0F0_F0F0
    print(f"{d & 0xFFFF:x} {invert(d):x} {d ^ d:x}")
    e: i32 = 5
    print(~e, ~~e)
    d &= 0xFF
    d |= 0x100
    d ^= 1
    print(f"{d:#x}")
