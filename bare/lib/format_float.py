"""Formatting of floats with a fixed number of decimals, correctly rounded.

A float is a whole number times a power of two, so its decimal digits end: they are computed
exactly in a large integer and rounded once, half to even, as CPython does. The integer has 32-bit
limbs, least significant first, and lives in the caller's frame.
"""

from __future__ import annotations

from bare import (
    Array,
    Span,
    Writer,
    array,
    f64,
    f64_bits,
    u8,
    u32,
    u64,
    usize,
    wrap_u32,
    wrapping_shl,
)
from bare.lib.format import FLAG_COMMA, write_number

FRACTION_BITS = 52
FRACTION_MASK = (1 << FRACTION_BITS) - 1
EXPONENT_MASK = 0x7FF
EXPONENT_BIAS = 1075
"""Of the exponent of two, when the significand is taken as a whole number."""

MAX_LIMBS = 60
"""2**1024 times 10**255 has 1,872 bits."""

MAX_DIGITS = 576
"""Of 2**1024 times 10**255, in groups of nine."""

MAX_PRECISION = 255
WITHOUT_COMMA = (1 << 64) - 1 - FLAG_COMMA

GROUP = 1_000_000_000
"""Nine decimal digits are divided off at a time."""


def format_float(writer: Writer, value: f64, spec: u64) -> None:
    """Writes a float with as many decimals as `spec` has precision; see `bare.lib.format`."""
    bits = f64_bits(value)
    exponent = bits >> FRACTION_BITS & EXPONENT_MASK
    fraction = bits & FRACTION_MASK
    sign = b"-" if bits >> 63 != 0 else b""
    if exponent == EXPONENT_MASK:
        ungrouped = spec & WITHOUT_COMMA
        if fraction != 0:
            write_number(writer, b"", b"", b"", b"nan", ungrouped)
        else:
            write_number(writer, sign, b"", b"", b"inf", ungrouped)
        return
    precision = spec >> 16 & 0xFF
    limbs: Array[u32] = array(MAX_LIMBS)
    scale_and_round(limbs, fraction, exponent, precision)
    digits: Array[u8] = array(MAX_DIGITS)
    first = min(put_digits(digits, limbs), MAX_DIGITS - 1 - precision)
    point = MAX_DIGITS - precision
    tail: Array[u8] = array(1 + MAX_PRECISION)
    tail[0] = 0x2E
    tail[1 : 1 + precision].copy_from(digits[point:])
    tail_length = 1 + precision if precision > 0 else 0
    write_number(writer, sign, b"", digits[first:point], tail[:tail_length], spec)


def scale_and_round(limbs: Span[u32], fraction: u64, exponent: u64, precision: u64) -> None:
    """Sets `limbs` to the float times `10**precision`, rounded to a whole number."""
    significand = fraction if exponent == 0 else fraction | 1 << FRACTION_BITS
    limbs[0] = wrap_u32(significand)
    limbs[1] = wrap_u32(significand >> 32)
    for _ in range(precision):
        multiply(limbs, 10)
    power = max(exponent, 1)
    if power >= EXPONENT_BIAS:
        shift_left(limbs, power - EXPONENT_BIAS)
    else:
        shift_right_rounded(limbs, EXPONENT_BIAS - power)


def multiply(limbs: Span[u32], factor: u64) -> None:
    """Multiplies by a number below 2**32; the result fits."""
    carry: u64 = 0
    for index in range(len(limbs)):
        product = u64(limbs[index]) * factor + carry
        limbs[index] = wrap_u32(product)
        carry = product >> 32


def shift_left(limbs: Span[u32], count: u64) -> None:
    """Multiplies by `2**count`; the result fits."""
    whole = count // 32
    part = count % 32
    for step in range(len(limbs)):
        index = len(limbs) - 1 - step
        high: u64 = limbs[index - whole] if index >= whole else 0
        low: u64 = limbs[index - whole - 1] if index > whole else 0
        limbs[index] = wrap_u32(wrapping_shl(high << 32 | low, part) >> 32)


def shift_right_rounded(limbs: Span[u32], count: u64) -> None:
    """Divides by `2**count`, `count` above zero, and rounds half to even."""
    is_half = has_bit(limbs, count - 1)
    is_more = has_bit_below(limbs, count - 1)
    whole = count // 32
    part = count % 32
    for index in range(len(limbs)):
        low: u64 = limbs[index + whole] if index + whole < len(limbs) else 0
        high: u64 = limbs[index + whole + 1] if index + whole + 1 < len(limbs) else 0
        limbs[index] = wrap_u32((high << 32 | low) >> part)
    if is_half and (is_more or limbs[0] & 1 != 0):
        increment(limbs)


def has_bit(limbs: Span[u32], place: u64) -> bool:
    """Whether the bit of value `2**place` is set."""
    index = place // 32
    return index < len(limbs) and limbs[index] >> (place % 32) & 1 != 0


def has_bit_below(limbs: Span[u32], place: u64) -> bool:
    """Whether any bit of a value less than `2**place` is set."""
    whole = place // 32
    for index in range(min(whole, len(limbs))):
        if limbs[index] != 0:
            return True
    mask = (u64(1) << (place % 32)) - 1
    return whole < len(limbs) and u64(limbs[whole]) & mask != 0


def increment(limbs: Span[u32]) -> None:
    """Adds one; the result fits."""
    for index in range(len(limbs)):
        if limbs[index] != 0xFFFF_FFFF:
            limbs[index] += 1
            return
        limbs[index] = 0


def put_digits(target: Span[u8], limbs: Span[u32]) -> usize:
    """Writes the decimal digits to the end of `target`, the rest zeros; consumes `limbs`.

    The result is the index of the first digit that is not a leading zero, at most the last.
    """
    target.fill(0x30)
    end = len(target)
    used = significant(limbs)
    while used > 0:
        group = divide(limbs[:used], GROUP)
        for step in range(usize(9)):
            target[end - 1 - step] = u8(0x30 + group % 10)
            group //= 10
        end -= 9
        used = significant(limbs[:used])
    first: usize = 0
    while first < len(target) - 1 and target[first] == 0x30:
        first += 1
    return first


def significant(limbs: Span[u32]) -> usize:
    """Returns how many limbs there are up to the highest one that is not zero."""
    used = len(limbs)
    while used > 0 and limbs[used - 1] == 0:
        used -= 1
    return used


def divide(limbs: Span[u32], divisor: u64) -> u64:
    """Divides by a number below 2**32 and returns the remainder."""
    remainder: u64 = 0
    for step in range(len(limbs)):
        index = len(limbs) - 1 - step
        dividend = remainder << 32 | limbs[index]
        limbs[index] = u32(dividend // divisor)
        remainder = dividend % divisor
    return remainder
