"""copy_from, fill and len."""

from __future__ import annotations

from bare import Array, Span, array, struct, u8, u16, u32


@struct
class Item:
    """An element."""

    value: u32 = 0


def show8(values: Span[u8]) -> None:
    """Prints bytes."""
    for value in values:
        print(value, end=" ")
    print()


def main() -> None:
    """Copies, also where source and target overlap."""
    values: Array[u8] = array(8)
    values[:4].copy_from(b"\x01\x02\x03\x04")
    show8(values[:])
    values[2:6].copy_from(values[:4])
    show8(values[:])
    values[:4].copy_from(values[2:6])
    show8(values[:])
    values[5:].fill(9)
    show8(values[:])
    words: Array[u16] = array(3)
    words.fill(65535)
    words[1:].copy_from(words[:2])
    print(words[0], words[2], len(words))
    items: Array[Item] = array(3)
    items[0].value = 1
    items[1].value = 2
    items[1:].copy_from(items[:2])
    print(items[0].value, items[1].value, items[2].value)
