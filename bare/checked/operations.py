"""Operations that generated code calls: the checks that fail, and arithmetic too long to be inline.

Generated code does the common case inline and comes here when a check fails, so the message can be
made at leisure. The frames of this module are cut from tracebacks (`boundary.py`).
"""

from __future__ import annotations

import math
from typing import Any, NoReturn

from abi.errno import LAST_ERRNO, MESSAGES
from bare import traps
from bare.floats import f32_bits, f32_from_bits, f64_bits, f64_from_bits
from compiler.ir.types import FloatType, IntType

ROUND_CELL = memoryview(bytearray(4)).cast("f")


def overflow(value: object) -> NoReturn:
    """Traps: `value` does not fit its type."""
    raise traps.OverflowError(f"{value} does not fit the type of the result")


def bad_index(index: int) -> NoReturn:
    """Traps: a negative index."""
    raise traps.IndexError(f"index {index} is negative")


def bounded_index(index: int, count: int) -> int:
    """Traps unless 0 <= index < count."""
    if not 0 <= index < count:
        raise traps.IndexError(f"index {index} outside an array of {count}")
    return index


def unset(field: str) -> NoReturn:
    """Traps: a reference field was never set."""
    raise traps.AttributeError(f"the field {field!r} was never set")


def zero_division() -> NoReturn:
    """Traps: a division by zero."""
    raise traps.ZeroDivisionError("division by zero")


def round_f32(value: float) -> float:
    """Rounds to the nearest f32."""
    ROUND_CELL[0] = value
    return ROUND_CELL[0]


def wrap(value: int, bits: int, signed: bool) -> int:
    """Takes the low bits of `value`."""
    low = value & ((1 << bits) - 1)
    return low - (1 << bits) if signed and low >> (bits - 1) else low


def shift_left(value: int, count: int, minimum: int, maximum: int) -> int:
    """Shifts left; traps on a negative count and on a result that does not fit."""
    if count < 0 or (value != 0 and count > 64):
        overflow(f"{value} << {count}")
    result = value << count if value != 0 else 0
    if not minimum <= result <= maximum:
        overflow(f"{value} << {count}")
    return result


def shift_left_wrapping(value: int, count: int, bits: int, signed: bool) -> int:
    """Shifts left and takes the low bits; traps on a negative count."""
    if count < 0:
        overflow(f"{value} << {count}")
    return wrap(value << count, bits, signed) if count < bits else 0


def shift_right(value: int, count: int) -> int:
    """Shifts right, flooring; traps on a negative count."""
    if count < 0:
        overflow(f"{value} >> {count}")
    return value >> min(count, 64)


def saturate(value: int, minimum: int, maximum: int) -> int:
    """Clamps `value` to a range."""
    return min(max(value, minimum), maximum)


def float_to_int(value: float, minimum: int, maximum: int) -> int:
    """Truncates; traps on NaN and on what does not fit."""
    if not math.isfinite(value):
        overflow(value)
    whole = math.trunc(value)
    if not minimum <= whole <= maximum:
        overflow(value)
    return whole


def int_to_f32(value: int) -> float:
    """Rounds an integer to the nearest f32 once, not by way of f64."""
    magnitude = abs(value)
    excess = magnitude.bit_length() - 24
    if excess > 0:
        half = 1 << (excess - 1)
        rest = magnitude & ((1 << excess) - 1)
        magnitude >>= excess
        if rest > half or (rest == half and magnitude & 1):
            magnitude += 1
        magnitude <<= excess
    return float(-magnitude if value < 0 else magnitude)


def square_root(value: float) -> float:
    """Returns the square root; NaN below zero."""
    return math.sqrt(value) if value >= 0 else math.nan


def round_down(value: float) -> float:
    """Rounds towards minus infinity, keeping the sign of zero."""
    if not math.isfinite(value) or value == 0:
        return value
    return float(math.floor(value))


def reinterpret(value: Any, source: Any, target: Any) -> Any:
    """Turns a float into its bits or back."""
    if isinstance(source, FloatType):
        return f32_bits(value) if source.bits == 32 else f64_bits(value)
    assert isinstance(source, IntType) and isinstance(target, FloatType)
    return f32_from_bits(value) if target.bits == 32 else f64_from_bits(value)


def to_enum(value: int, members: frozenset[int], name: str) -> int:
    """Traps unless `value` is a member's."""
    if value not in members:
        raise traps.ValueError(f"{value} is not a valid {name}")
    return value


def no_case(value: int) -> NoReturn:
    """Traps: no arm of a `match` has the value."""
    raise traps.ValueError(f"no case for {value}")


def rotate(value: int, count: int, bits: int) -> int:
    """Rotates left by `count` modulo the width."""
    count %= bits
    return (value << count | value >> (bits - count)) & ((1 << bits) - 1)


def count_ones(value: int, bits: int) -> int:
    """Counts one bits, of the two's complement where negative."""
    return (value & ((1 << bits) - 1)).bit_count()


def leading_zeros(value: int, bits: int) -> int:
    """Counts zeros above the highest one; the width for 0."""
    return bits - (value & ((1 << bits) - 1)).bit_length()


def trailing_zeros(value: int, bits: int) -> int:
    """Counts zeros below the lowest one; the width for 0."""
    return (value & -value).bit_length() - 1 if value else bits


def byte_swap(value: int, bits: int, signed: bool) -> int:
    """Reverses the bytes."""
    raw = (value & ((1 << bits) - 1)).to_bytes(bits // 8, "little")
    return int.from_bytes(raw, "big", signed=signed)


def os_error(code: int) -> OSError:
    """Makes the exception of an error number."""
    return OSError(code, MESSAGES[code] if 0 <= code <= LAST_ERRNO else "Unknown error")
