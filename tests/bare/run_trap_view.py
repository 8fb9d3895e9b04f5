"""view() traps unless all of the struct lies inside."""

from __future__ import annotations

from bare import Array, Span, array, struct, u8, u32, usize, view


@struct(packed=True)
class Word:
    """Four bytes."""

    value: u32


def read(data: Span[u8], offset: usize) -> u32:
    """Reads a word."""
    return view(Word, data, offset).value


def main() -> None:
    """Views the last four bytes, then one further."""
    data: Array[u8] = array(6)
    data[5] = 1
    print(read(data, 2))
    print(read(data, 3))
