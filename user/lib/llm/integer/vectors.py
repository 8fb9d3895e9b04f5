"""What is done with vectors of integers between the matrices. A vector has a unit beside it.

Products are bounded by what `matrix.py` and the limits here say, so that they wrap nowhere; they
are written as wrapping ones because a check for each would cost as much as the product.
"""

from __future__ import annotations

from bare import (
    Span,
    f64,
    f64_from_bits,
    floor,
    i8,
    i32,
    i64,
    leading_zeros,
    never_inline,
    scalar_loops,
    u64,
    usize,
    wrap_i8,
    wrapping_add,
    wrapping_mul,
)

LARGEST: i64 = 127
LARGEST_F64: f64 = 127.0
LARGEST_QUAD: i64 = 256
QUAD_STEP: usize = 8
FACTOR_BITS = 48
HALF_FACTOR: i64 = 1 << 47
WORD_BITS: usize = 64
F64_BIAS: u64 = 1023
F64_FRACTION_BITS = 52


@never_inline
def top_of(values: Span[i64]) -> i64:
    """Returns the largest absolute value, below 2**62."""
    largest: i64 = 0
    smallest: i64 = 0
    for value in values:
        largest = max(largest, value)
        smallest = min(smallest, value)
    return max(largest, -smallest)


@scalar_loops
def quad_top_of(values: Span[i64], top: i64) -> i64:
    """Returns what takes the place of `top`, the largest size, where values become weights: with
    it each four that meet in a lane fit, too.
    """
    quad: i64 = 0
    whole = len(values) - len(values) % QUAD_STEP
    for start in range(0, whole, QUAD_STEP):
        eight = values[start : start + QUAD_STEP]
        quad = max(quad, abs(eight[0]) + abs(eight[1]) + abs(eight[4]) + abs(eight[5]))
        quad = max(quad, abs(eight[2]) + abs(eight[3]) + abs(eight[6]) + abs(eight[7]))
    quad = max(quad, rest_quad(values[whole:]))
    return max(top, (quad * LARGEST + LARGEST_QUAD - 1) // LARGEST_QUAD)


def rest_quad(values: Span[i64]) -> i64:
    """Returns the larger of two sums, of values that meet in a lane, of fewer than eight."""
    sizes: i64 = 0
    others: i64 = 0
    for index in range(len(values)):
        if index & 2 == 0:
            sizes += abs(values[index])
        else:
            others += abs(values[index])
    return max(sizes, others)


@scalar_loops
def quantise(out: Span[i8], values: Span[i64], top: i64) -> None:
    """Writes values, none larger than `top` nor than 2**40, in units of top / 127."""
    count = len(values)
    assert len(out) >= count, "vectors do not fit"
    factor = (LARGEST << FACTOR_BITS) // max(top, 1)
    targets = out[:count]
    for index in range(count):
        product = wrapping_add(wrapping_mul(values[index], factor), HALF_FACTOR)
        targets[index] = wrap_i8(product >> FACTOR_BITS)


def quantised_unit(unit: f64, top: i64) -> f64:
    """Returns the unit of what `quantise` wrote."""
    return unit * (f64(top) / LARGEST_F64)


def scaled(total: i32, multiplier: i32, shift: usize) -> i64:
    """Returns a matrix's result from a sum of products."""
    return i64(total) * i64(multiplier) >> shift


def fixed(unit: f64, scale: f64, largest: i64) -> i64:
    """Returns a unit as a multiple of 1 / scale, at most `largest`."""
    wanted = floor(unit * scale + 0.5)
    if wanted < f64(largest):
        return i64(wanted)
    return largest


def bit_length(value: i64) -> usize:
    """Returns how many bits a number that is not negative has."""
    return WORD_BITS - usize(leading_zeros(u64(value)))


def power_of_two(exponent: i64) -> f64:
    """Returns 2**exponent; the exponent is within 1000 of zero."""
    return f64_from_bits(u64(exponent + i64(F64_BIAS)) << F64_FRACTION_BITS)
