"""The constructor takes fields in order and by name; a class may define __init__ instead."""

from __future__ import annotations

from abi.errno import EINVAL
from bare import Array, array, raises, struct, u8, u32


@struct
class Point:
    """A point."""

    x: u32
    y: u32 = 7
    z: u32 = 8


@struct
class Circle:
    """A circle, made from its diameter."""

    radius: u32
    name: Array[u8] = array(4)
    count: u8 = 3

    def __init__(self, diameter: u32, first: u8 = 0x41) -> None:
        self.radius = diameter // 2
        self.name[0] = first


@struct
class Positive:
    """A number above zero."""

    value: u32

    @raises(EINVAL)
    def __init__(self, value: u32) -> None:
        if value == 0:
            raise OSError(EINVAL)
        self.value = value


def main() -> None:
    """Makes objects."""
    a = Point(1, z=3)
    print(a.x, a.y, a.z)
    b = Point(y=5, x=4)
    print(b.x, b.y, b.z)
    circle = Circle(10)
    print(circle.radius, circle.name[0], circle.name[1], circle.count)
    print(Circle(first=0x42, diameter=6).name[0])
    try:
        good = Positive(5)
        print(good.value)
        bad = Positive(0)
        print(bad.value)
    except OSError:
        print("refused")
