"""Integer functions beyond the operators: reinterpretation, wrapping and saturating arithmetic,
bits.

Functions whose result depends on the width of the operand's type have that width only in compiled
code and under `bare.load`, where operands are typed. In a plain import an integer has no width, so
there they refuse; module level uses the ones that name the width (`wrap_u32(a + b)`).
"""

from __future__ import annotations

from typing import NoReturn


def _wrap(value: int, bits: int, signed: bool) -> int:
    low = int(value) & ((1 << bits) - 1)
    return low - (1 << bits) if signed and low >> (bits - 1) else low


def wrap_u8(value: int) -> int:
    """Returns the low 8 bits of `value` as a `u8`."""
    return _wrap(value, 8, signed=False)


def wrap_u16(value: int) -> int:
    """Returns the low 16 bits of `value` as a `u16`."""
    return _wrap(value, 16, signed=False)


def wrap_u32(value: int) -> int:
    """Returns the low 32 bits of `value` as a `u32`."""
    return _wrap(value, 32, signed=False)


def wrap_u64(value: int) -> int:
    """Returns the low 64 bits of `value` as a `u64`."""
    return _wrap(value, 64, signed=False)


def wrap_usize(value: int) -> int:
    """Returns the low 64 bits of `value` as a `usize`."""
    return _wrap(value, 64, signed=False)


def wrap_i8(value: int) -> int:
    """Returns the low 8 bits of `value`, read as two's complement."""
    return _wrap(value, 8, signed=True)


def wrap_i16(value: int) -> int:
    """Returns the low 16 bits of `value`, read as two's complement."""
    return _wrap(value, 16, signed=True)


def wrap_i32(value: int) -> int:
    """Returns the low 32 bits of `value`, read as two's complement."""
    return _wrap(value, 32, signed=True)


def wrap_i64(value: int) -> int:
    """Returns the low 64 bits of `value`, read as two's complement."""
    return _wrap(value, 64, signed=True)


def _needs_width(name: str) -> NoReturn:
    raise TypeError(
        f"{name}() needs typed operands, which exist in compiled code and under bare.load; "
        "at module level use a function that names the width, such as wrap_u32()"
    )


def wrapping_add(left: int, right: int) -> int:
    """Adds modulo 2**width of the operands' type."""
    _needs_width("wrapping_add")


def wrapping_sub(left: int, right: int) -> int:
    """Subtracts modulo 2**width of the operands' type."""
    _needs_width("wrapping_sub")


def wrapping_mul(left: int, right: int) -> int:
    """Multiplies modulo 2**width of the operands' type."""
    _needs_width("wrapping_mul")


def wrapping_shl(value: int, count: int) -> int:
    """Shifts left and keeps the low bits; a count of the width or more gives 0."""
    _needs_width("wrapping_shl")


def wrapping_neg(value: int) -> int:
    """Negates modulo 2**width of the operand's type."""
    _needs_width("wrapping_neg")


def saturating_add(left: int, right: int) -> int:
    """Adds; a result beyond the range becomes the nearest value of the type."""
    _needs_width("saturating_add")


def saturating_sub(left: int, right: int) -> int:
    """Subtracts; a result beyond the range becomes the nearest value of the type."""
    _needs_width("saturating_sub")


def invert(value: int) -> int:
    """Complements every bit of an unsigned integer."""
    _needs_width("invert")


def rotate_left(value: int, count: int) -> int:
    """Rotates the bits of an unsigned integer left by `count` modulo the width."""
    _needs_width("rotate_left")


def rotate_right(value: int, count: int) -> int:
    """Rotates the bits of an unsigned integer right by `count` modulo the width."""
    _needs_width("rotate_right")


def count_ones(value: int) -> int:
    """Counts the one bits of an unsigned integer; the result is a `u32`."""
    if value < 0:
        _needs_width("count_ones")
    return value.bit_count()


def leading_zeros(value: int) -> int:
    """Counts the zero bits above the highest one; the width for 0. The result is a `u32`."""
    _needs_width("leading_zeros")


def trailing_zeros(value: int) -> int:
    """Counts the zero bits below the lowest one; the width for 0. The result is a `u32`."""
    if value == 0:
        _needs_width("trailing_zeros")
    return (value & -value).bit_length() - 1


def byte_swap(value: int) -> int:
    """Reverses the bytes of an unsigned integer."""
    _needs_width("byte_swap")


def multiply_high(left: int, right: int) -> int:
    """Returns the high 64 bits of the 128-bit product of two `u64`."""
    return (left * right) >> 64
