"""A number that no member has traps when it is converted."""

from __future__ import annotations

from bare import Enum8, u8


class Colour(Enum8):
    """A byte."""

    RED = 1
    BLUE = 4


def paint(number: u8) -> Colour:
    """Converts."""
    return Colour(number)


def main() -> None:
    """Converts a member's number, then another."""
    print(paint(4))
    print(paint(3))
