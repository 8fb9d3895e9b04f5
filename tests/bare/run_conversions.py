"""T(x) converts between scalars and checks that the value fits."""

from __future__ import annotations

from bare import f32, f64, i8, i32, i64, u8, u16, u32, u64


def main() -> None:
    """Converts in every direction."""
    value: u32 = 200
    print(u8(value), u16(value), i32(value), u64(value))
    negative: i64 = -100
    print(i8(negative), i32(negative))
    real: f64 = -3.99
    print(i32(real), i64(real + 0.99), u8(255.9))
    print(bool(value), bool(value - 200))
    count: i64 = 16_777_217
    print(f"{f32(count):.1f} {f64(count):.1f}")
    tenth: f64 = 0.1
    print(f"{f32(tenth):.10f} {tenth:.10f}")
    big: u64 = 18_446_744_073_709_551_615
    print(f"{f64(big):.0f} {f32(big):.0f}")
    print(u8(True), i32(value > 1000))
