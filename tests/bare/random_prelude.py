"""What the random programs of the property tests share: structs, classes, helpers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

from abi.errno import EINVAL, EIO, ENOENT
from bare import (
    Array,
    Bytes,
    Enum8,
    FormatStr,
    Writer,
    array,
    big_endian,
    bits,
    f32,
    f64,
    i32,
    i64,
    inline,
    raises,
    rotate_left,
    rotate_right,
    saturating_add,
    struct,
    u8,
    u16,
    u32,
    u64,
    wrap_u64,
    wrapping_add,
    wrapping_mul,
    write_to,
)


class Kind(Enum8):
    """Three kinds."""

    FIRST = 0
    SECOND = 1
    THIRD = 5


@struct
class Inner:
    """Embedded."""

    x: u16 = 3
    y: i64 = -4


@struct
class Record:
    """Fields of many kinds."""

    p: u8 = 1
    q: i32 = -2
    r: u64 = 3
    s: f64 = 0.5
    t: f32 = 0.25
    kind: Kind = Kind.SECOND
    inner: Inner = inline()
    bytes: Array[u8] = array(12)
    words: Array[i32] = array(5)


@struct(packed=True)
class Wire:
    """Packed."""

    low: u8 = bits(3)
    high: u8 = bits(5)
    port: u16 = big_endian()
    rest: u32


@raises(EIO, ENOENT, EINVAL)
def check(value: u64) -> u64:
    """Fails for some values."""
    if value % 5 == 1:
        raise OSError(EIO)
    if value % 5 == 2:
        raise OSError(ENOENT)
    if value % 25 == 3:
        raise OSError(EINVAL)
    return value // 5


@struct
class Digest(Writer):
    """Hashes what is written."""

    value: u64 = 0xCBF29CE484222325
    length: u32 = 0

    def write(self, data: Bytes) -> None:
        """Takes bytes."""
        for byte in data:
            self.value = wrapping_mul(self.value ^ byte, 0x100000001B3)
        self.length += u32(len(data))


def digest_of(message: FormatStr) -> u64:
    """Formats a message and hashes it."""
    digest = Digest()
    write_to(digest, message)
    return wrapping_add(digest.value, digest.length)


@struct
class Shape(ABC):
    """Has methods to override."""

    scale: u32 = 3
    next: Shape | None = None

    @abstractmethod
    def area(self, value: u64) -> u64:
        """Computes."""

    def scaled(self, value: u64) -> u64:
        """Computes through the object."""
        return wrapping_mul(self.area(value), self.scale)


@struct
class Square(Shape):
    """Overrides one."""

    side: u16 = 11

    def area(self, value: u64) -> u64:
        """Computes."""
        return wrapping_mul(value, value) >> 3 ^ self.side


@struct
class Tall(Square):
    """Overrides both."""

    def area(self, value: u64) -> u64:
        """Computes."""
        return wrapping_add(super().area(value), 5)

    def scaled(self, value: u64) -> u64:
        """Computes."""
        return super().scaled(value) ^ 0xFF


def walk_shapes(first: Shape | None, value: u64) -> u64:
    """Walks a list of shapes."""
    result = value
    shape = first
    while shape is not None:
        result = shape.scaled(result)
        following = shape.next
        if isinstance(shape, Tall):
            result = wrapping_add(result, shape.side)
        shape = following
    return result


def divide(left: u64, right: u64) -> tuple[u64, u64, bool]:
    """Returns three values."""
    return left // right, left % right, left > right


def mixed(left: u64, right: u64) -> u64:
    """Mixes."""
    return rotate_left(left, 13) ^ wrapping_mul(right, 3)


def summed(left: u64, right: u64) -> u64:
    """Adds."""
    return saturating_add(left, right)


def wrapped_sum(left: u64, right: u64) -> u64:
    """Adds."""
    return wrapping_add(left, right)


OPERATIONS: tuple[Callable[[u64, u64], u64], ...] = (mixed, summed, wrapped_sum)


def kind_of(value: u64) -> Kind:
    """Chooses a kind."""
    match value % 3:
        case 0:
            return Kind.FIRST
        case 1:
            return Kind.SECOND
        case _:
            return Kind.THIRD


def helper(x: u64, y: i32) -> u64:
    """Mixes."""
    if y < 0:
        return wrapping_mul(x, 0x9E3779B97F4A7C15) >> 7
    return rotate_right(x, y) ^ wrap_u64(y)
