"""SIMD values under `bare.load`: tuples of lanes."""

from __future__ import annotations

from typing import Any, TypeAlias

from bare import traps
from bare.checked.operations import int_to_f32, round_f32, wrap
from compiler.ir.types import FloatType, IntType, SimdType

Lanes: TypeAlias = "tuple[Any, ...]"


def lane_value(value: Any, element: IntType | FloatType) -> Any:
    """Brings the result of an operation into the type of a lane."""
    if isinstance(element, FloatType):
        return round_f32(value) if element.bits == 32 else value
    return wrap(value, element.bits, element.signed)


def load(source: Any, index: int, lanes: int) -> Lanes:
    """Reads consecutive elements."""
    if not 0 <= index <= len(source) - lanes:
        raise traps.IndexError(f"{lanes} lanes at {index} outside a span of {len(source)}")
    return tuple(source[index : index + lanes])


def store(target: Any, index: int, vector: Lanes) -> None:
    """Writes consecutive elements."""
    if not 0 <= index <= len(target) - len(vector):
        raise traps.IndexError(f"{len(vector)} lanes at {index} outside a span of {len(target)}")
    for lane, value in enumerate(vector):
        target[index + lane] = value


def add(left: Lanes, right: Lanes, vector: SimdType) -> Lanes:
    """Adds lane by lane."""
    return tuple(lane_value(a + b, vector.element) for a, b in zip(left, right, strict=True))


def sub(left: Lanes, right: Lanes, vector: SimdType) -> Lanes:
    """Subtracts lane by lane."""
    return tuple(lane_value(a - b, vector.element) for a, b in zip(left, right, strict=True))


def mul(left: Lanes, right: Lanes, vector: SimdType) -> Lanes:
    """Multiplies lane by lane."""
    return tuple(lane_value(a * b, vector.element) for a, b in zip(left, right, strict=True))


def smallest(left: Lanes, right: Lanes, vector: SimdType) -> Lanes:
    """Takes the smaller of each pair of lanes."""
    return tuple(min(a, b) for a, b in zip(left, right, strict=True))


def largest(left: Lanes, right: Lanes, vector: SimdType) -> Lanes:
    """Takes the larger of each pair of lanes."""
    return tuple(max(a, b) for a, b in zip(left, right, strict=True))


def mul_widen_low(left: Lanes, right: Lanes, vector: SimdType) -> Lanes:
    """Multiplies the lower half into lanes of twice the width."""
    return tuple(left[lane] * right[lane] for lane in range(vector.lanes))


def mul_widen_high(left: Lanes, right: Lanes, vector: SimdType) -> Lanes:
    """Multiplies the upper half into lanes of twice the width."""
    return tuple(left[lane] * right[lane] for lane in range(vector.lanes, 2 * vector.lanes))


def pairwise_add_accumulate(total: Lanes, values: Lanes, vector: SimdType) -> Lanes:
    """Adds neighbouring lanes and adds the sums to `total`."""
    return tuple(
        lane_value(total[n] + values[2 * n] + values[2 * n + 1], vector.element)
        for n in range(vector.lanes)
    )


def dot(total: Lanes, left: Lanes, right: Lanes, vector: SimdType) -> Lanes:
    """Adds to each lane of `total` four products."""
    return tuple(
        lane_value(
            total[n] + sum(left[4 * n + k] * right[4 * n + k] for k in range(4)), vector.element
        )
        for n in range(vector.lanes)
    )


def shift_left(vector: Lanes, count: int, of: SimdType) -> Lanes:
    """Shifts each lane left."""
    return tuple(lane_value(value << count, of.element) for value in vector)


def shift_right(vector: Lanes, count: int, of: SimdType) -> Lanes:
    """Shifts each lane right, the sign filling up."""
    return tuple(value >> count for value in vector)


def reinterpret(vector: Lanes, source: SimdType, target: SimdType) -> Lanes:
    """Cuts the same bits into other lanes, lowest byte first."""
    bits, width = source.element.bits, target.element.bits
    joined = sum((value & (1 << bits) - 1) << bits * lane for lane, value in enumerate(vector))
    return tuple(lane_value(joined >> width * n, target.element) for n in range(target.lanes))


def total_of(vector: Lanes, element: IntType | FloatType) -> Any:
    """Adds all lanes, lane 0 first."""
    if isinstance(element, IntType):
        return sum(vector)
    total = vector[0]
    for value in vector[1:]:
        total = lane_value(total + value, element)
    return total


def convert(vector: Lanes, target: SimdType) -> Lanes:
    """Converts lanes between i32 and f32: nearest even, or truncating and saturating."""
    element = target.element
    if isinstance(element, FloatType):
        return tuple(int_to_f32(value) for value in vector)
    return tuple(_saturated(value, element) for value in vector)


def _saturated(value: float, element: IntType) -> int:
    if value != value:
        return 0
    if value >= element.maximum:
        return element.maximum
    return max(int(value), element.minimum) if value > element.minimum else element.minimum
