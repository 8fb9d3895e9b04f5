"""+ - * and << compute exactly in the type of their operands."""

from __future__ import annotations

from bare import i8, i16, i64, u8, u32, u64


def main() -> None:
    """Computes up to the ends of the ranges."""
    a: u8 = 250
    print(a + 5, a - 250, a * 1)
    b: i8 = -100
    print(b - 28, b + 100, -b, b * -1)
    c: u32 = 65_535
    print(c * c, c + c)
    d: u64 = 4_294_967_295
    print(d * d, d * d + 2 * d)
    e: i64 = -3_037_000_499
    print(e * e, e * 3)
    one: u32 = 1
    for count in range(0, 32, 10):
        print(one << u8(count))
    shift: i16 = 7
    print(b + 50 << 1, one << shift)
    c += 1
    c *= 2
    c -= 2
    c <<= 3
    print(c)
