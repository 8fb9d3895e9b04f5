"""IEEE 754 arithmetic; every f32 operation rounds to f32."""

from __future__ import annotations

from bare import f32, f64, f64_bits, floor, sqrt


def sum_of_tenths(count: f64) -> f64:
    """Adds 0.1 until the count is reached."""
    total: f64 = 0.0
    done: f64 = 0.0
    while done < count:
        total += 0.1
        done += 1.0
    return total


def main() -> None:
    """Computes in both widths."""
    print(f"{sum_of_tenths(10.0):.20f}")
    a: f32 = 16_777_216.0
    b: f32 = 1.0
    print(f"{a + b:.1f} {a + b + b:.1f} {a * a:.1f}")
    c: f32 = 0.1
    print(f"{c * c:.12f} {c / 3.0:.12f} {-c:.3f}")
    d: f64 = 2.0
    print(f"{sqrt(d):.15f} {sqrt(c):.9f}")
    print(f"{floor(-0.5):.1f} {floor(2.7):.1f} {abs(-d):.1f} {min(d, 1.5):.1f} {max(d, 1.5):.1f}")
    huge: f64 = 1e308
    print(f"{huge * 10.0:.1f} {-huge * 10.0:.1f} {huge * 10.0 - huge * 10.0:.1f}")
    big: f32 = 3e38
    print(f"{big * 10.0:.1f}")
    tiny: f64 = 5e-324
    print(f"{f64_bits(tiny / 2.0):x} {f64_bits(-tiny / 2.0):x}")
    print(d == 2.0, d != 2.0, d < 3.0, 0.0 == -0.0)
