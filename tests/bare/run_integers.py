"""The integer types and their ranges."""

from __future__ import annotations

from bare import i8, i16, i32, i64, u8, u16, u32, u64, usize


def main() -> None:
    """Prints the ends of each range."""
    a: u8 = 255
    b: u16 = 65_535
    c: u32 = 4_294_967_295
    d: u64 = 18_446_744_073_709_551_615
    e: usize = 18_446_744_073_709_551_615
    print(a, b, c, d, e)
    f: i8 = -128
    g: i16 = -32_768
    h: i32 = -2_147_483_648
    i: i64 = -9_223_372_036_854_775_808
    print(f, g, h, i)
    yes: bool = True
    print(yes, not yes)
    same: u64 = e
    print(same == d)
