"""Slices are sub-spans: no copy."""

from __future__ import annotations

from bare import Array, Span, array, struct, u8, u32


@struct
class Item:
    """An element."""

    value: u32 = 0


def set_all(values: Span[u32], value: u32) -> None:
    """Writes."""
    for index in range(len(values)):
        values[index] = value


def main() -> None:
    """Slices arrays and slices of slices."""
    values: Array[u32] = array(6)
    set_all(values[2:4], 5)
    set_all(values[4:], 6)
    set_all(values[:1], 1)
    for value in values:
        print(value, end=" ")
    print(len(values[3:3]), len(values[6:]), len(values[:]))
    middle = values[1:5]
    inner = middle[1:3]
    inner[0] = 9
    print(values[2], len(inner), middle[1])
    items: Array[Item] = array(4)
    part = items[1:3]
    part[1].value = 8
    print(items[2].value, len(part), part[0] is items[1])
    start: u8 = 2
    print(len(values[start : start + 2]))
