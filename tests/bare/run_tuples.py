"""A function may return two to four values."""

from __future__ import annotations

from abi.errno import ERANGE
from bare import Array, Bytes, Span, array, errno_of, raises, struct, u8, u32, usize


@struct
class Point:
    """Is returned by reference."""

    x: u32 = 0


def divide(left: u32, right: u32) -> tuple[u32, u32]:
    """Returns quotient and remainder."""
    return left // right, left % right


def split(data: Bytes, separator: u8) -> tuple[Bytes, Bytes, bool]:
    """Splits at the first separator."""
    for index in range(len(data)):
        if data[index] == separator:
            return data[:index], data[index + 1 :], True
    return data, data[len(data) :], False


@raises(ERANGE)
def bounds(values: Span[u32]) -> tuple[u32, u32, usize, bool]:
    """Returns the smallest, the largest, the number and whether they differ."""
    if len(values) == 0:
        raise OSError(ERANGE)
    low = values[0]
    high = low
    for value in values:
        low = min(low, value)
        high = max(high, value)
    return low, high, len(values), low != high


def larger(left: Point, right: Point) -> tuple[Point, u32]:
    """Returns a reference and a number."""
    if left.x > right.x:
        return left, left.x - right.x
    return right, right.x - left.x


def main() -> None:
    """Unpacks."""
    quotient, remainder = divide(17, 5)
    print(quotient, remainder)
    head, tail, found = split(b"key=value", 0x3D)
    print(head == b"key", tail == b"value", found)
    _, rest, found = split(b"plain", 0x3D)
    print(len(rest), found)
    values: Array[u32] = array(3)
    values[1] = 9
    values[2] = 4
    try:
        low, high, count, differ = bounds(values[1:])
        print(low, high, count, differ)
        low, high, count, differ = bounds(values[3:])
        print("never printed")
    except OSError as error:
        print("error", errno_of(error))
    a = Point(3)
    b = Point(10)
    winner, by = larger(a, b)
    print(winner is b, by)
