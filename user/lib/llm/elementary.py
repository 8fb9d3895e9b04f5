"""Exponential, logarithm, sine and cosine without a C library.

Each reduces its argument to a short interval around zero and sums the Taylor series there. Errors:
`exp`, `ln` and `sin_cos` under 2e-15 relative (absolute for the latter), `exp_f32` under 3e-7
relative.
Constants are computed when the module is compiled.
"""

from __future__ import annotations

from decimal import Decimal
from math import factorial

from bare import f32, f32_from_bits, f64, f64_bits, f64_from_bits, floor, i64, u32, u64

LN_2 = Decimal("0.693147180559945309417232121458176568075500134360")
HALF_PI = Decimal("1.570796326794896619231321691639751442098584699688")

# A reduction subtracts a multiple of a constant in parts. All but the last part have few bits, so
# that their products with a small whole number are exact.
LN_2_HIGH: f64 = int(LN_2 * 2**32) / 2**32
LN_2_LOW: f64 = float(LN_2 - Decimal(LN_2_HIGH))
LN_2_HIGH_F32: f32 = int(LN_2 * 2**12) / 2**12
LN_2_LOW_F32: f32 = float(LN_2 - Decimal(LN_2_HIGH_F32))
HALF_PI_HIGH: f64 = int(HALF_PI * 2**30) / 2**30
HALF_PI_MIDDLE: f64 = int((HALF_PI - Decimal(HALF_PI_HIGH)) * 2**60) / 2**60
HALF_PI_LOW: f64 = float(HALF_PI - Decimal(HALF_PI_HIGH) - Decimal(HALF_PI_MIDDLE))
INVERSE_LN_2: f64 = float(1 / LN_2)
INVERSE_LN_2_F32: f32 = float(1 / LN_2)
INVERSE_HALF_PI: f64 = float(1 / HALF_PI)

# Coefficients 1/n!, the highest power first, as Horner's scheme takes them.
EXP_SERIES: tuple[f64, ...] = tuple(1 / factorial(n) for n in range(13, -1, -1))
EXP_SERIES_F32: tuple[f32, ...] = tuple(1 / factorial(n) for n in range(7, -1, -1))
SIN_SERIES: tuple[f64, ...] = tuple(1 / factorial(n) for n in range(19, 0, -2))
LN_SERIES: tuple[f64, ...] = tuple(1 / n for n in range(21, 0, -2))
"""Of the inverse hyperbolic tangent, whose argument is at most 0.172."""
COS_SERIES: tuple[f64, ...] = tuple(1 / factorial(n) for n in range(18, -1, -2))

SQRT_2: f64 = 2**0.5
LARGEST_F64: f64 = 1.7976931348623157e308
LARGEST_EXP: f64 = 709.0
SMALLEST_EXP: f64 = -708.0
LARGEST_EXP_F32: f32 = 88.0
SMALLEST_EXP_F32: f32 = -87.0
LARGEST_ANGLE: f64 = 1000000.0
F64_BIAS: i64 = 1023
F64_FRACTION_BITS = 52
F32_BIAS: i64 = 127
F32_FRACTION_BITS = 23


def exp(x: f64) -> f64:
    """Returns e**x for x up to 709; below -708 zero."""
    assert x <= LARGEST_EXP, "exp of more than 709"
    if x < SMALLEST_EXP:
        return 0.0
    power = floor(x * INVERSE_LN_2 + 0.5)
    rest = x - power * LN_2_HIGH - power * LN_2_LOW
    total: f64 = 0.0
    for coefficient in EXP_SERIES:
        total = total * rest + coefficient
    return total * f64_from_bits(u64(i64(power) + F64_BIAS) << F64_FRACTION_BITS)


def ln(x: f64) -> f64:
    """Returns the natural logarithm of a number that is finite and at least 1."""
    assert 1.0 <= x <= LARGEST_F64, "ln of what is below 1 or not finite"
    power = (f64_bits(x) >> F64_FRACTION_BITS) - u64(F64_BIAS)
    rest = f64_from_bits(f64_bits(x) - (power << F64_FRACTION_BITS))
    if rest > SQRT_2:
        rest /= 2.0
        power += 1
    ratio = (rest - 1.0) / (rest + 1.0)
    square = ratio * ratio
    total: f64 = 0.0
    for coefficient in LN_SERIES:
        total = total * square + coefficient
    return f64(power) * LN_2_HIGH + (f64(power) * LN_2_LOW + 2.0 * ratio * total)


def exp_f32(x: f32) -> f32:
    """Returns e**x for x up to 88; below -87 zero."""
    assert x <= LARGEST_EXP_F32, "exp_f32 of more than 88"
    if x < SMALLEST_EXP_F32:
        return 0.0
    power = floor(x * INVERSE_LN_2_F32 + 0.5)
    rest = x - power * LN_2_HIGH_F32 - power * LN_2_LOW_F32
    total: f32 = 0.0
    for coefficient in EXP_SERIES_F32:
        total = total * rest + coefficient
    return total * f32_from_bits(u32(i64(power) + F32_BIAS) << F32_FRACTION_BITS)


def sin_cos(angle: f64) -> tuple[f64, f64]:
    """Returns the sine and cosine of an angle in radians, at most a million from zero."""
    assert abs(angle) <= LARGEST_ANGLE, "angle too large"
    quarters = floor(angle * INVERSE_HALF_PI + 0.5)
    rest = angle - quarters * HALF_PI_HIGH - quarters * HALF_PI_MIDDLE - quarters * HALF_PI_LOW
    square = rest * rest
    sine: f64 = 0.0
    for coefficient in SIN_SERIES:
        sine = coefficient - square * sine
    sine *= rest
    cosine: f64 = 0.0
    for coefficient in COS_SERIES:
        cosine = coefficient - square * cosine
    quadrant = i64(quarters) % 4
    if quadrant == 0:
        return sine, cosine
    if quadrant == 1:
        return cosine, -sine
    if quadrant == 2:
        return -sine, -cosine
    return -cosine, sine
