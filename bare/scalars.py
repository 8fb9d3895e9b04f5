"""The scalar types as run-time objects: what `u8` is when a Bare Python module is imported in
CPython.

Owns the names, widths and ranges of the scalar types. To the type checker the same names are `int`
and `float` (see `bare/__init__.py`); here each is a class whose call is the checked conversion of
docs/bare-python.md section 2, so that constants computed at module level are already right.
"""

from __future__ import annotations

import math
import struct as packing
from enum import Enum


class ScalarKind(Enum):
    """What the bits of a scalar mean."""

    UNSIGNED = "unsigned"
    SIGNED = "signed"
    FLOAT = "float"


class ScalarType(type):
    """The class of `u8` … `f64`; carries the width and the range."""

    bits: int
    kind: ScalarKind

    def __new__(
        cls,
        name: str,
        bases: tuple[type, ...],
        body: dict[str, object],
        bits: int,
        kind: ScalarKind,
    ) -> ScalarType:
        return super().__new__(cls, name, bases, body)

    def __init__(
        cls,
        name: str,
        bases: tuple[type, ...],
        body: dict[str, object],
        bits: int,
        kind: ScalarKind,
    ) -> None:
        super().__init__(name, bases, body)
        cls.bits = bits
        cls.kind = kind

    def __repr__(cls) -> str:
        return cls.__name__

    @property
    def is_float(cls) -> bool:
        """Whether this is `f32` or `f64`."""
        return cls.kind is ScalarKind.FLOAT

    @property
    def is_signed(cls) -> bool:
        """Whether this is a signed integer."""
        return cls.kind is ScalarKind.SIGNED

    @property
    def size(cls) -> int:
        """The size in bytes."""
        return cls.bits // 8

    @property
    def minimum(cls) -> int:
        """The smallest value of an integer type."""
        return -(1 << (cls.bits - 1)) if cls.is_signed else 0

    @property
    def maximum(cls) -> int:
        """The largest value of an integer type."""
        return (1 << (cls.bits - 1)) - 1 if cls.is_signed else (1 << cls.bits) - 1

    def __call__(cls, value: float = 0) -> int | float:
        """Converts `value`; raises OverflowError where it does not fit."""
        if cls.is_float:
            return round_to_f32(value) if cls.bits == 32 else float(value)
        whole = math.trunc(value)
        if cls.minimum <= whole <= cls.maximum:
            return whole
        raise OverflowError(f"{value} does not fit {cls.__name__}")


def round_to_f32(value: float) -> float:
    """Returns the f32 nearest to `value` (ties to even), infinite where it is too large."""
    try:
        rounded: float = packing.unpack("<f", packing.pack("<f", value))[0]
    except OverflowError:
        return math.copysign(math.inf, value)
    return rounded


class u8(int, metaclass=ScalarType, bits=8, kind=ScalarKind.UNSIGNED):  # noqa: N801
    """An unsigned integer of 8 bits."""


class u16(int, metaclass=ScalarType, bits=16, kind=ScalarKind.UNSIGNED):  # noqa: N801
    """An unsigned integer of 16 bits."""


class u32(int, metaclass=ScalarType, bits=32, kind=ScalarKind.UNSIGNED):  # noqa: N801
    """An unsigned integer of 32 bits."""


class u64(int, metaclass=ScalarType, bits=64, kind=ScalarKind.UNSIGNED):  # noqa: N801
    """An unsigned integer of 64 bits."""


class i8(int, metaclass=ScalarType, bits=8, kind=ScalarKind.SIGNED):  # noqa: N801
    """A signed integer of 8 bits."""


class i16(int, metaclass=ScalarType, bits=16, kind=ScalarKind.SIGNED):  # noqa: N801
    """A signed integer of 16 bits."""


class i32(int, metaclass=ScalarType, bits=32, kind=ScalarKind.SIGNED):  # noqa: N801
    """A signed integer of 32 bits."""


class i64(int, metaclass=ScalarType, bits=64, kind=ScalarKind.SIGNED):  # noqa: N801
    """A signed integer of 64 bits."""


class f32(float, metaclass=ScalarType, bits=32, kind=ScalarKind.FLOAT):  # noqa: N801
    """An IEEE 754 binary32."""


class f64(float, metaclass=ScalarType, bits=64, kind=ScalarKind.FLOAT):  # noqa: N801
    """An IEEE 754 binary64."""


usize = u64

SCALARS: dict[str, ScalarType] = {
    scalar.__name__: scalar for scalar in (u8, u16, u32, u64, i8, i16, i32, i64, f32, f64)
}
