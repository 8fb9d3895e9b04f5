"""Layouts that contradict themselves."""

from __future__ import annotations

from bare import Array, array, at, bits, inline, struct, u8, u16, u32


@struct(size=6)
class Header:
    """Eight bytes, not six."""

    kind: u16
    length: u32


@struct
class Overlap:
    """The second field lies in the first."""

    first: u32 = at(0)
    second: u32 = at(2)


@struct
class TooWide:
    """Nine bits of eight."""

    flags: u8 = bits(9)


@struct
class Endless:
    """Contains itself."""

    inner: Endless = inline()


@struct
class NoLength:
    """An array without a length."""

    name: Array[u8]
    other: u32 = array(4)


def use(header: Header, a: Overlap, b: TooWide, c: NoLength) -> None:
    pass

# error[E0402] 9:7-12: struct Header has 8 bytes, not the 6 it says
#   help: correct the field, the size or the alignment
# error[E0402] 21:5-10: field second at 0x2 is not aligned to 4
#   help: correct the field, the size or the alignment
# error[E0402] 21:5-10: field second at 0x2 overlaps another field
#   help: correct the field, the size or the alignment
# error[E0402] 28:5-23: bits(9) do not fit u8
#   help: correct the field, the size or the alignment
# error[E0402] 32:7-13: struct Endless contains itself; use a reference
#   help: correct the field, the size or the alignment
# error[E0402] 42:5-19: field name needs its length: `= array(N)`
#   help: correct the field, the size or the alignment
# error[E0402] 43:5-25: `array(N)` is the storage of `Array[T]`, not of u32
#   help: correct the field, the size or the alignment
