"""Classes that are no structs, and members that classes do not have."""

from __future__ import annotations

from bare import Enum8, struct, u32


class Plain:
    """Has a field and no `@struct`."""

    value: u32


@struct
class Left:
    """One base."""

    left: u32 = 0


@struct
class Right:
    """Another base."""

    right: u32 = 0


@struct
class Both(Left, Right):
    """Two bases."""


@struct
class Circle:
    """Has a property."""

    radius: u32

    @property
    def diameter(self) -> u32:
        return 2 * self.radius


class Color(Enum8):
    """Two of them."""

    RED = 0
    GREEN = 1


def colors() -> Color:
    return Color.BLUE


def fields(left: Left) -> u32:
    left.color = 1
    return left.right


def methods(left: Left) -> u32:
    function = left.move
    return left.move()


def base() -> u32:
    return super().move()

# error[E0405] 8:7-11: class Plain has fields but no `@struct`
#   help: decorate it with `@struct`, and give it at most one base
# error[E0405] 29:18-22: class Both has more than one base
#   help: inherit one struct; embed the other with `inline()`
# error[E0104] 39:6-13: decorator `property`
#   help: use the decorators of `bare`, or one that returns the function itself
# error[E0203] 52:12-21: enum Color has no member 'BLUE'
#   help: check the spelling and the type
# error[E0203] 56:5-14: struct Left has no field 'color'
#   help: its fields are: left
# error[E0203] 57:12-21: struct Left has no field 'right'
#   help: its fields are: left
# error[E0203] 61:16-24: struct Left has no field 'move'
#   help: its fields are: left
# error[E0203] 62:12-20: struct Left has no method 'move'
#   help: check the spelling and the type
# error[E0605] 66:12-25: `super()` belongs in a method of a derived class
#   help: move the statement
