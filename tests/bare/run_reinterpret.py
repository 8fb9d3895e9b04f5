"""wrap_* take the low bits; *_bits and *_from_bits reinterpret; NaN is canonical."""

from __future__ import annotations

from bare import (
    f32,
    f32_bits,
    f32_from_bits,
    f64,
    f64_bits,
    f64_from_bits,
    i32,
    sqrt,
    u32,
    u64,
    wrap_i8,
    wrap_i16,
    wrap_i32,
    wrap_i64,
    wrap_u8,
    wrap_u16,
    wrap_u32,
    wrap_u64,
)


def main() -> None:
    """Cuts and reinterprets."""
    value: u64 = 0xFFFF_8000_1234_89AB
    print(wrap_u8(value), wrap_u16(value), wrap_u32(value))
    print(wrap_i8(value), wrap_i16(value), wrap_i32(value), wrap_i64(value))
    negative: i32 = -2
    print(wrap_u64(negative), wrap_u8(negative), wrap_u32(negative))
    half: f32 = 0.5
    print(f"{f32_bits(half):08x} {f64_bits(-2.0):016x}")
    print(f"{f32_from_bits(0x40490FDB):.6f} {f64_from_bits(0x400921FB54442D18):.12f}")
    minus_one: f64 = -1.0
    nan = sqrt(minus_one)
    print(f"{f64_bits(nan):016x} {f64_bits(nan * 2.0 - 1.0):016x} {f32_bits(f32(nan)):08x}")
    odd: u32 = 0xFFC1_2345
    print(f"{f32_bits(f32_from_bits(odd)):08x}")
    print(nan == nan, nan < 1.0)
