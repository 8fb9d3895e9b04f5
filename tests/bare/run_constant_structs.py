"""A struct instance at module level is a read-only object."""

from __future__ import annotations

from collections.abc import Callable

from bare import Array, array, struct, u8, u32


@struct
class Colour:
    """A colour."""

    red: u8
    green: u8 = 10
    blue: u8 = 20


def double(value: u32) -> u32:
    """Returns twice the value."""
    return 2 * value


@struct
class Entry:
    """A row of a table."""

    name: str
    colour: Colour
    operation: Callable[[u32], u32]
    codes: Array[u8] = array(4)


ORANGE = Colour(255, green=165)
ENTRY = Entry("orange", ORANGE, double)


def main() -> None:
    """Reads fields of constant objects, also through a reference."""
    print(ORANGE.red, ORANGE.green, ORANGE.blue)
    print(ENTRY.name, ENTRY.colour.red, ENTRY.operation(21), ENTRY.codes[3])
    print(ENTRY.colour is ORANGE)
