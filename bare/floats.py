"""Float functions beyond the operators: square root, rounding down, and the bits of a float.

NaN is canonical in every result: 0x7fc00000 as `f32` and 0x7ff8000000000000 as `f64`.
"""

from __future__ import annotations

import math
import struct as packing

from bare.scalars import round_to_f32

F32_NAN_BITS = 0x7FC0_0000
F64_NAN_BITS = 0x7FF8_0000_0000_0000


def sqrt(value: float) -> float:
    """Returns the correctly rounded square root in the type of `value`; NaN below zero."""
    return math.sqrt(value) if value >= 0 else math.nan


def floor(value: float) -> float:
    """Rounds towards minus infinity; the result is a float of the same type."""
    return float(math.floor(value)) if math.isfinite(value) and value != 0 else value


def f32_bits(value: float) -> int:
    """Returns the bits of an `f32` as a `u32`."""
    if math.isnan(value):
        return F32_NAN_BITS
    bits: int = packing.unpack("<I", packing.pack("<f", round_to_f32(value)))[0]
    return bits


def f32_from_bits(bits: int) -> float:
    """Returns the `f32` with these bits."""
    value: float = packing.unpack("<f", packing.pack("<I", bits))[0]
    return math.nan if math.isnan(value) else value


def f64_bits(value: float) -> int:
    """Returns the bits of an `f64` as a `u64`."""
    if math.isnan(value):
        return F64_NAN_BITS
    bits: int = packing.unpack("<Q", packing.pack("<d", value))[0]
    return bits


def f64_from_bits(bits: int) -> float:
    """Returns the `f64` with these bits."""
    value: float = packing.unpack("<d", packing.pack("<Q", bits))[0]
    return math.nan if math.isnan(value) else value
