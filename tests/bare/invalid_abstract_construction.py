"""An abstract class is not constructed, nor its abstract methods called directly."""

from __future__ import annotations

from abc import ABC, abstractmethod

from bare import struct, u32


@struct
class Shape(ABC):
    """Something with an area."""

    @abstractmethod
    def area(self) -> u32:
        """Returns the area."""


@struct
class Square(Shape):
    """Four equal sides."""

    side: u32

    def area(self) -> u32:
        return self.side * self.side


@struct
class Plain:
    """Nothing is overridden here."""

    value: u32


@struct
class Derived(Plain):
    """Nor here."""

    more: u32


def make() -> u32:
    return Shape().area()


def construct() -> u32:
    square = Square()
    other = Square(1, 2)
    third = Square(size=1)
    return square.side + other.side + third.side


def ask(plain: Plain) -> bool:
    return isinstance(plain, Derived)

# error[E0404] 44:12-18: Shape is abstract: area is not implemented
#   help: construct a class that implements them
# error[E0403] 48:14-21: Square() needs 'side'
#   help: give each field without a default once
# error[E0403] 49:23-23: Square() takes 1 argument, not 2
#   help: give each field without a default once
# error[E0403] 50:20-25: Square() has no parameter 'size'
#   help: give each field without a default once
# error[E0407] 55:12-37: objects of Derived do not know their class
#   help: add a kind field, or override a method
