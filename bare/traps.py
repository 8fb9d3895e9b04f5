"""Traps: how a program ends where its own rules are broken.

A trap is not an error. It derives from `BaseException`, no compiled code catches it and no
`finally` runs for it. The kind is the class name, which is also what the last line of the
traceback begins with, and its number is what compiled code passes to `BRK` (`0x5500 + number`).
"""

from __future__ import annotations


class Trap(BaseException):
    """A trap of any kind."""

    number: int = 0

    def __init_subclass__(cls, number: int) -> None:
        super().__init_subclass__()
        cls.number = number


class OverflowError(Trap, number=1):
    """A result or a conversion does not fit its type."""


class IndexError(Trap, number=2):
    """An index or a slice lies outside its span."""


class ZeroDivisionError(Trap, number=3):
    """A division by zero, of integers or of floats."""


class AttributeError(Trap, number=4):
    """A reference field was read before it was set."""


class AssertionError(Trap, number=5):
    """An `assert` does not hold."""


class ValueError(Trap, number=6):
    """No member of an enumeration has the value, or spans differ in length where they may not."""


class ReferenceError(Trap, number=7):
    """An object was used after it was freed."""


class RecursionError(Trap, number=8):
    """The stack is used up."""


class PanicError(Trap, number=9):
    """`panic()` was called."""


class UnreachableError(Trap, number=10):
    """`unreachable()` was reached."""


TRAPS: dict[int, type[Trap]] = {trap.number: trap for trap in Trap.__subclasses__()}
BRK_BASE = 0x5500
