"""Vectors of 128 bits with the operations of NEON that an integer dot product and f32 kernels need.

Vectors are values. Integer lanes wrap; f32 lanes round to f32 after every operation, nothing is
fused. Loads and stores are bounds-checked (`IndexError`) and need no alignment. `dot` needs the
CPU feature "dotprod": a function that uses it says `@cpu_feature("dotprod")`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self, TypeVar, overload

from bare import Span, f32, i64, traps, usize
from bare.scalars import round_to_f32


def _wrap(value: int, bits: int) -> int:
    half = 1 << (bits - 1)
    return (value + half) % (2 * half) - half


def _check(length: int, index: int, lanes: int) -> None:
    if not 0 <= index <= length - lanes:
        raise traps.IndexError(f"{lanes} lanes at {index} outside a span of {length}")


class _IntegerVector:
    """What the integer vectors share: signed lanes that wrap."""

    __slots__ = ("_values",)

    __layout_bytes__ = 16
    lanes: ClassVar[int]
    lane_bits: ClassVar[int]

    def __init__(self, values: Sequence[int]) -> None:
        self._values = tuple(_wrap(value, self.lane_bits) for value in values)

    @classmethod
    def load(cls, source: Span[int], index: usize) -> Self:
        """Reads consecutive elements of `source` from `index`."""
        _check(len(source), index, cls.lanes)
        return cls([source[index + lane] for lane in range(cls.lanes)])

    @classmethod
    def splat(cls, value: int) -> Self:
        """Returns a vector with `value` in every lane."""
        return cls([value] * cls.lanes)

    def store(self, target: Span[int], index: usize) -> None:
        """Writes the lanes to consecutive elements of `target` from `index`."""
        _check(len(target), index, self.lanes)
        for lane, value in enumerate(self._values):
            target[index + lane] = value

    def lane(self, index: usize) -> int:
        """Returns one lane; `index` is a constant."""
        return self._values[index]


class i8x16(_IntegerVector):  # noqa: N801
    """Sixteen `i8`."""

    __slots__ = ()
    lanes = 16
    lane_bits = 8


class i16x8(_IntegerVector):  # noqa: N801
    """Eight `i16`."""

    __slots__ = ()
    lanes = 8
    lane_bits = 16


class i32x4(_IntegerVector):  # noqa: N801
    """Four `i32`."""

    __slots__ = ()
    lanes = 4
    lane_bits = 32


class f32x4:  # noqa: N801
    """Four `f32`."""

    __slots__ = ("_values",)
    __layout_bytes__ = 16
    lanes = 4
    lane_bits = 32

    def __init__(self, values: Sequence[float]) -> None:
        self._values = tuple(round_to_f32(value) for value in values)

    @classmethod
    def load(cls, source: Span[f32], index: usize) -> Self:
        """Reads four elements of `source` from `index`."""
        _check(len(source), index, 4)
        return cls([source[index + lane] for lane in range(4)])

    @classmethod
    def splat(cls, value: f32) -> Self:
        """Returns a vector with `value` in every lane."""
        return cls([value] * 4)

    def store(self, target: Span[f32], index: usize) -> None:
        """Writes the lanes to four elements of `target` from `index`."""
        _check(len(target), index, 4)
        for lane, value in enumerate(self._values):
            target[index + lane] = value

    def lane(self, index: usize) -> f32:
        """Returns one lane; `index` is a constant."""
        return self._values[index]


V = TypeVar("V", i8x16, i16x8, i32x4, f32x4)


def add(left: V, right: V) -> V:
    """Adds lane by lane."""
    return type(left)([a + b for a, b in zip(left._values, right._values, strict=True)])


def sub(left: V, right: V) -> V:
    """Subtracts lane by lane."""
    return type(left)([a - b for a, b in zip(left._values, right._values, strict=True)])


def mul(left: V, right: V) -> V:
    """Multiplies lane by lane."""
    return type(left)([a * b for a, b in zip(left._values, right._values, strict=True)])


N = TypeVar("N", i8x16, i16x8, i32x4)


def shift_left(values: N, count: int) -> N:
    """Shifts each lane left by a constant from 0 to its bits - 1; what leaves it is lost (SHL)."""
    return type(values)([value << count for value in values._values])


def shift_right(values: N, count: int) -> N:
    """Shifts each lane right by a constant from 0 to its bits - 1; the sign fills up (SSHR)."""
    return type(values)([value >> count for value in values._values])


def as_i8x16(values: i16x8 | i32x4) -> i8x16:
    """Views the same bits as sixteen `i8`: lane 0 is the lowest byte of the first lane."""
    return i8x16(_lanes_of(values, 8))


def as_i16x8(values: i8x16 | i32x4) -> i16x8:
    """Views the same bits as eight `i16`."""
    return i16x8(_lanes_of(values, 16))


def as_i32x4(values: i8x16 | i16x8) -> i32x4:
    """Views the same bits as four `i32`."""
    return i32x4(_lanes_of(values, 32))


def _lanes_of(vector: _IntegerVector, bits: int) -> list[int]:
    step = vector.lane_bits // 8
    raw = b"".join(value.to_bytes(step, "little", signed=True) for value in vector._values)
    size = bits // 8
    return [int.from_bytes(raw[at : at + size], "little") for at in range(0, 16, size)]


@overload
def mul_widen_low(left: i8x16, right: i8x16) -> i16x8: ...
@overload
def mul_widen_low(left: i16x8, right: i16x8) -> i32x4: ...


def mul_widen_low(left: i8x16 | i16x8, right: i8x16 | i16x8) -> i16x8 | i32x4:
    """Multiplies the lower half of the lanes into lanes of twice the width (SMULL)."""
    half = left.lanes // 2
    return _widened(left, right, 0, half)


@overload
def mul_widen_high(left: i8x16, right: i8x16) -> i16x8: ...
@overload
def mul_widen_high(left: i16x8, right: i16x8) -> i32x4: ...


def mul_widen_high(left: i8x16 | i16x8, right: i8x16 | i16x8) -> i16x8 | i32x4:
    """Multiplies the upper half of the lanes into lanes of twice the width (SMULL2)."""
    return _widened(left, right, left.lanes // 2, left.lanes)


def _widened(left: i8x16 | i16x8, right: i8x16 | i16x8, first: int, end: int) -> i16x8 | i32x4:
    products = [left.lane(lane) * right.lane(lane) for lane in range(first, end)]
    return i16x8(products) if isinstance(left, i8x16) else i32x4(products)


def pairwise_add_accumulate(total: i32x4, values: i16x8) -> i32x4:
    """Adds neighbouring lanes of `values` and adds the sums to `total` (SADALP)."""
    return i32x4([total.lane(n) + values.lane(2 * n) + values.lane(2 * n + 1) for n in range(4)])


def dot(total: i32x4, left: i8x16, right: i8x16) -> i32x4:
    """Adds to each lane of `total` the dot product of its four pairs of `i8` (SDOT)."""
    return i32x4(
        [
            total.lane(n) + sum(left.lane(4 * n + k) * right.lane(4 * n + k) for k in range(4))
            for n in range(4)
        ]
    )


def to_f32(values: i32x4) -> f32x4:
    """Converts each lane to the nearest `f32` (SCVTF)."""
    return f32x4([values.lane(lane) for lane in range(4)])


@overload
def sum_lanes(values: i8x16 | i16x8 | i32x4) -> i64: ...
@overload
def sum_lanes(values: f32x4) -> f32: ...


def sum_lanes(values: i8x16 | i16x8 | i32x4 | f32x4) -> float:
    """Adds all lanes from lane 0: integers exactly, as an `i64`; floats with a rounding each."""
    if not isinstance(values, f32x4):
        return sum(values._values)
    total = values.lane(0)
    for lane in range(1, 4):
        total = round_to_f32(total + values.lane(lane))
    return total
