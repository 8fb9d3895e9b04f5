"""An overridden method is called through the object; isinstance narrows."""

from __future__ import annotations

from abc import ABC, abstractmethod

from bare import Array, array, struct, u32


@struct
class Shape(ABC):
    """Something with an area."""

    scale: u32 = 1

    @abstractmethod
    def area(self) -> u32:
        """Returns the area."""

    def scaled(self) -> u32:
        """Returns the area times the scale."""
        return self.area() * self.scale

    def name(self) -> str:
        """Returns a name."""
        return "shape"


@struct
class Square(Shape):
    """A square."""

    side: u32 = 2

    def area(self) -> u32:
        """Returns side by side."""
        return self.side * self.side


@struct
class Rectangle(Square):
    """A rectangle."""

    width: u32 = 3

    def area(self) -> u32:
        """Returns side by width."""
        return self.side * self.width

    def name(self) -> str:
        """Returns a name."""
        return "rectangle"


def kind(shape: Shape) -> str:
    """Tells classes apart."""
    if isinstance(shape, Rectangle):
        return "wide" if shape.width > shape.side else "tall"
    return "square" if isinstance(shape, Square) else "other"


def main() -> None:
    """Calls through the base."""
    square = Square()
    rectangle = Rectangle(2, 4)
    shapes: Array[Shape | None] = array(3)
    shapes[0] = square
    shapes[2] = rectangle
    print(square.scaled(), rectangle.scaled(), rectangle.area())
    print(square.name(), rectangle.name(), kind(square), kind(rectangle))
    base: Shape = rectangle
    print(base.area(), base.name(), isinstance(base, Square), isinstance(square, Rectangle))
    print(sum_of(shapes[0], shapes[1], shapes[2]))


def sum_of(first: Shape | None, second: Shape | None, third: Shape | None) -> u32:
    """Adds what is there."""
    result: u32 = 0
    if first is not None:
        result += first.scaled()
    if second is not None:
        result += second.scaled()
    if third is not None:
        result += third.scaled()
    return result
