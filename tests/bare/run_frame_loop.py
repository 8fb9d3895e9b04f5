"""Executing a constructor expression again makes its object anew."""

from __future__ import annotations

from bare import Array, array, struct, u8, u32


@struct
class Cell:
    """A value with a default."""

    value: u32 = 5


def main() -> None:
    """Makes an object and an array in each turn."""
    for turn in range(3):
        cell = Cell()
        buffer: Array[u8] = array(2)
        print(cell.value, buffer[0], buffer[1])
        cell.value = u32(turn) + 100
        buffer[0] = u8(turn + 1)
        print(cell.value, buffer[0])
