"""Raw pointers, objects at addresses, static objects."""

from __future__ import annotations

from collections.abc import Callable

from bare import Array, Span, array, struct, u8, u16, u32, u64, usize
from bare.unsafe import (
    Pointer,
    address_of,
    function_address,
    function_at,
    object_at,
    span_at,
    static_array,
    static_object,
)


@struct
class Record:
    """Eight bytes."""

    value: u32
    tag: u16 = 3
    last: u16 = 4


@struct
class Global:
    """State in the image."""

    count: u32
    link: Record | None = None


def counter() -> Global:
    """Returns the one object of this place."""
    # SAFETY: one thread runs.
    return static_object(Global)


def scratch() -> Span[u8]:
    """Returns the one array of this place."""
    # SAFETY: one thread runs.
    return static_array(u8, 16, align=64)


def triple(value: u32) -> u32:
    """Is called by address."""
    return value * 3


def main() -> None:
    """Goes by addresses."""
    words: Array[u64] = array(4)
    words[1] = 0x0006_0005_0000_0007
    # SAFETY: all addresses lie inside `words`.
    base = address_of(words)
    record = object_at(Record, base + 8)
    print(record.value, record.tag, record.last, address_of(record) - base)
    record.value = 9
    print(f"{words[1]:x}")
    view = span_at(u16, base + 8, 4)
    view[3] = 0xFFFF
    print(len(view), view[0], record.last)
    pointer = Pointer[u32](base)
    pointer.store(0x01020304)
    pointer.offset(1).store(0x05060708)
    print(f"{words[0]:x} {pointer.offset(1).load():x} {pointer.load_volatile():x}")
    raw: Span[u8] = span_at(u8, base, 3)
    print(raw[0], raw[2])
    counter().count += 2
    counter().count += 3
    print(counter().count, counter().link is None, counter() is counter())
    scratch()[3] = 8
    print(scratch()[3], address_of(scratch()) % 64, len(scratch()))
    # SAFETY: the address is that of a function of this type.
    call: Callable[[u32], u32] = function_at(function_address(triple))
    print(call(14))
    offset: usize = address_of(words[2:]) - base
    print(offset)
