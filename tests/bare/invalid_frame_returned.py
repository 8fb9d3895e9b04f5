"""An object of a function's frame is gone when the function returns."""

from __future__ import annotations

from bare import Array, Bytes, Span, array, struct, u8, u32


@struct
class Point:
    """A place."""

    x: u32


def make() -> Point:
    point = Point(1)
    return point


def first_half(size: u32) -> Span[u8]:
    buffer: Array[u8] = array(64)
    return buffer[: size // 2]


def through(size: u32) -> Bytes:
    buffer: Array[u8] = array(64)
    return same(buffer[:size])


def same(data: Bytes) -> Bytes:
    return data

# error[E0501] 17:12-16: an object of this function's frame is returned
#   note 16: the object is made here
#   help: let the caller make the object and pass it in, or allocate it
# error[E0501] 22:12-30: an object of this function's frame is returned
#   note 21: the object is made here
#   help: let the caller make the object and pass it in, or allocate it
# error[E0501] 27:12-30: an object of this function's frame is returned
#   note 26: the object is made here
#   help: let the caller make the object and pass it in, or allocate it
