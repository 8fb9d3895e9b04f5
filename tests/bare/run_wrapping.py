"""wrapping_* compute modulo 2**width, saturating_* clamp."""

from __future__ import annotations

from bare import (
    i8,
    i32,
    saturating_add,
    saturating_sub,
    u8,
    u32,
    u64,
    wrapping_add,
    wrapping_mul,
    wrapping_neg,
    wrapping_shl,
    wrapping_sub,
)


def fnv(data: bytes) -> u32:
    """Returns the FNV-1a hash of some bytes."""
    value: u32 = 0x811C9DC5
    for byte in data:
        value = wrapping_mul(value ^ byte, 16777619)
    return value


def main() -> None:
    """Wraps and clamps at both ends."""
    a: u8 = 200
    print(wrapping_add(a, 100), wrapping_sub(a, 201), wrapping_mul(a, 3), wrapping_neg(a))
    b: i8 = -128
    print(wrapping_add(b, -1), wrapping_sub(b, 1), wrapping_mul(b, -1), wrapping_neg(b))
    print(saturating_add(a, 100), saturating_sub(a, 201), saturating_add(b, -1))
    c: i32 = 2_000_000_000
    print(saturating_add(c, c), saturating_sub(-c, c))
    d: u64 = 0x8000_0000_0000_0001
    print(wrapping_shl(d, 1), wrapping_shl(d, 63), wrapping_shl(d, 64), wrapping_shl(b, 1))
    print(f"{fnv(b'hello'):08x}")
