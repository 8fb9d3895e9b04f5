"""An embedded struct or array is storage; assigning it would be a hidden copy."""

from __future__ import annotations

from bare import Array, array, inline, struct, u8, u32


@struct
class Point:
    """A place."""

    x: u32 = 0


@struct
class Line:
    """Two places and a name."""

    start: Point = inline()
    name: Array[u8] = array(8)


def move(line: Line, point: Point, other: Line) -> None:
    line.start = point
    line.name = other.name


def fill(points: Array8, point: Point) -> None:
    points.items[0] = point


@struct
class Array8:
    """Eight places."""

    items: Array[Point] = array(8)

# error[E0401] 24:5-14: field 'start' is embedded
#   help: copy the contents with `copy_struct(a, b)` or `a.copy_from(b)`
# error[E0401] 25:5-13: field 'name' is embedded
#   help: copy the contents with `copy_struct(a, b)` or `a.copy_from(b)`
# error[E0401] 29:5-19: the elements are embedded
#   help: copy the contents: `copy_struct(a[i], b)`
