"""Enumerations of a fixed width.

`class State(Enum8)` makes a type of its own; its members are constants. `u8(state)` converts to the
number and `State(number)` back, which traps with `ValueError` where no member has the number.
"""

from __future__ import annotations

from enum import IntEnum


class Enum8(IntEnum):
    """An enumeration stored in one unsigned byte."""


class Enum16(IntEnum):
    """An enumeration stored in two unsigned bytes."""


class Enum32(IntEnum):
    """An enumeration stored in four unsigned bytes."""


ENUM_BITS: dict[type[IntEnum], int] = {Enum8: 8, Enum16: 16, Enum32: 32}
