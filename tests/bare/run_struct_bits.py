"""bits(n) packs integers from the lowest bit of a unit of the declared type."""

from __future__ import annotations

from bare import Array, Enum8, array, bits, size_of, struct, u8, u16, u32, view


class Mode(Enum8):
    """A mode of two bits."""

    OFF = 0
    SLOW = 1
    FAST = 2


@struct(packed=True)
class Word:
    """Two bytes and one unit of four."""

    low: u8 = bits(4)
    high: u8 = bits(4)
    flags: u16 = bits(3)
    count: u16 = bits(13)
    rest: u32


def main() -> None:
    """Writes fields and looks at the bytes."""
    memory: Array[u8] = array(8)
    word = view(Word, memory, 0)
    word.low = 5
    word.high = 10
    word.flags = 7
    word.count = 4096
    word.rest = 0xAABBCCDD
    for byte in memory:
        print(f"{byte:02x}", end=" ")
    print(size_of(Word))
    word.flags = 0
    word.count += 1
    print(word.low, word.high, word.flags, word.count)
    print(f"{memory[1]:02x} {memory[2]:02x}")
