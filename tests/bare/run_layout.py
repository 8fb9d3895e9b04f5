"""Sizes, alignments and offsets are constants."""

from __future__ import annotations

from bare import Array, align_of, array, f64, inline, offset_of, size_of, struct, u8, u16, u32, u64


@struct
class Mixed:
    """Natural alignment."""

    a: u8
    b: u32
    c: u8
    d: u64
    e: u16


@struct(packed=True)
class Packed:
    """No alignment."""

    a: u8
    b: u32
    c: u64


@struct(size=64, align=64)
class Line:
    """A cache line."""

    value: u64


@struct
class Outer:
    """Embeds."""

    flag: u8
    mixed: Mixed = inline()
    tail: Array[u16] = array(3)
    next: Outer | None = None


TAIL = offset_of(Outer, "tail")


def main() -> None:
    """Prints layouts."""
    print(size_of(u8), size_of(u64), size_of(f64), align_of(u16))
    print(size_of(Mixed), align_of(Mixed), offset_of(Mixed, "d"), offset_of(Mixed, "e"))
    print(size_of(Packed), align_of(Packed), offset_of(Packed, "c"))
    print(size_of(Line), align_of(Line))
    print(size_of(Outer), TAIL, offset_of(Outer, "next"))
