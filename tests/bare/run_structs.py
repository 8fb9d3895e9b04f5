"""A struct is a record; a variable of its type is a reference."""

from __future__ import annotations

from bare import Array, Span, array, struct, u32, usize


@struct
class Point:
    """A point of the plane."""

    x: u32
    y: u32 = 0

    def move(self, dx: u32, dy: u32) -> None:
        """Moves the point."""
        self.x += dx
        self.y += dy


@struct
class Node:
    """A link of a list."""

    value: u32
    next: Node | None = None


def length(first: Node | None) -> usize:
    """Counts the nodes of a list."""
    count: usize = 0
    node = first
    while node is not None:
        count += 1
        node = node.next
    return count


def touch(point: Point) -> Point:
    """Changes what it is given and returns it."""
    point.x = 100
    return point


def first_of(points: Span[Point]) -> Point:
    """Returns a reference to an element."""
    return points[0]


def main() -> None:
    """References name the same object."""
    a = Point(1, 2)
    b = a
    b.move(10, 20)
    print(a.x, a.y, a is b, a is not b)
    c = touch(a)
    print(a.x, c is a, Point(1) is a)
    third = Node(3)
    second = Node(2, third)
    first = Node(1, next=second)
    print(length(first), length(None), length(third))
    second.next = None
    print(length(first))
    points: Array[Point] = array(3)
    first_of(points).x = 9
    print(points[0].x, points[1].x, first_of(points) is points[0])
