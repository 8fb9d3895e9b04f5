"""Arrays and spans under `bare.load`.

Scalars: an array or span is a `memoryview` in the element's format, so slices alias and never
copy; `Bytes` and `str` are `memoryview` or `bytes`. Anything else: an array is an `ElementList`, a
span an `ElementSpan` over one; embedded structs stand in the list as objects, references as
themselves.
"""

from __future__ import annotations

import struct as packing
from collections.abc import Iterator
from typing import Any, TypeAlias

from bare import traps
from bare.checked.operations import wrap
from compiler.ir.types import (
    BoolType,
    EnumType,
    FloatType,
    IntType,
    MmioType,
    PointerType,
    RegisterType,
    Type,
)

Scalars: TypeAlias = "memoryview | bytes"

INTEGER_FORMATS = {8: "b", 16: "h", 32: "i", 64: "q"}


def scalar_format(element: Type) -> str | None:
    """Returns the `struct` format of a scalar type; None where elements are Python objects."""
    if isinstance(element, BoolType):
        return "?"
    if isinstance(element, FloatType):
        return "f" if element.bits == 32 else "d"
    if isinstance(element, EnumType | RegisterType):
        element = element.base
    if isinstance(element, MmioType | PointerType):
        return "Q"
    if isinstance(element, IntType):
        letter = INTEGER_FORMATS[element.bits]
        return letter if element.signed else letter.upper()
    return None


def make_scalars(letter: str, length: int) -> memoryview:
    """Makes a zeroed array of scalars."""
    return as_format(memoryview(bytearray(length * packing.calcsize(letter))), letter)


def as_format(view: memoryview, letter: str) -> memoryview:
    """Views bytes as scalars."""
    return view if letter == "B" else view.cast("B").cast(letter)  # type: ignore[call-overload]


class ElementList(list[Any]):
    """An array whose elements are Python objects.

    `bare_home` says where it stands, as for `objects.Object`; `stride` is an element's size in
    bytes.
    """

    __slots__ = ("bare_home", "stride")
    bare_home: Any
    stride: int


class ElementSpan:
    """A window of `length` elements of `storage` from `offset`."""

    __slots__ = ("length", "offset", "storage")

    def __init__(self, storage: Any, offset: int, length: int) -> None:
        self.storage = storage
        self.offset = offset
        self.length = length

    def __len__(self) -> int:
        return self.length

    def __iter__(self) -> Iterator[Any]:
        return (self.storage[self.offset + index] for index in range(self.length))

    def __getitem__(self, index: int) -> Any:
        if not 0 <= index < self.length:
            raise traps.IndexError(f"index {index} outside a span of {self.length}")
        return self.storage[self.offset + index]

    def __setitem__(self, index: int, value: Any) -> None:
        if not 0 <= index < self.length:
            raise traps.IndexError(f"index {index} outside a span of {self.length}")
        self.storage[self.offset + index] = value

    def part(self, start: int, stop: int) -> ElementSpan:
        """Returns the window `start:stop` of this one."""
        return ElementSpan(self.storage, self.offset + start, stop - start)


def span_of(elements: Any) -> Any:
    """Converts an array to a span of all of it."""
    return ElementSpan(elements, 0, len(elements)) if isinstance(elements, list) else elements


def slice_of(elements: Any, start: int | None, stop: int | None) -> Any:
    """Makes a sub-span; traps unless 0 <= start <= stop <= length."""
    length = len(elements)
    first = 0 if start is None else start
    end = length if stop is None else stop
    if not 0 <= first <= end <= length:
        raise traps.IndexError(f"slice {first}:{end} outside a span of {length}")
    if isinstance(elements, list):
        return ElementSpan(elements, first, end - first)
    if isinstance(elements, ElementSpan):
        return elements.part(first, end)
    return elements[first:end]


def item(elements: Any, index: int) -> Any:
    """Returns an element; traps with the index and the length."""
    if not 0 <= index < len(elements):
        raise traps.IndexError(f"index {index} outside a span of {len(elements)}")
    return elements[index]


def set_item(elements: Any, index: int, value: Any) -> None:
    """Sets an element; traps with the index and the length."""
    if not 0 <= index < len(elements):
        raise traps.IndexError(f"index {index} outside a span of {len(elements)}")
    elements[index] = value


def copy_elements(target: Any, source: Any) -> None:
    """Copies equally many elements, which may overlap."""
    if len(target) != len(source):
        raise traps.ValueError(f"cannot copy {len(source)} elements into {len(target)}")
    if isinstance(target, memoryview):
        target[:] = source
        return
    for index, element in enumerate(list(source)):
        target[index] = element


def copy_structs(target: Any, source: Any) -> None:
    """Copies equally many embedded structs field by field, in the order that overlap needs."""
    if len(target) != len(source):
        raise traps.ValueError(f"cannot copy {len(source)} elements into {len(target)}")
    pairs = [(target[index], source[index]) for index in range(len(target))]
    origins = [one.bare_snapshot() for _, one in pairs]
    for (into, _), values in zip(pairs, origins, strict=True):
        into.bare_restore(values)


def fill(target: Any, value: Any) -> None:
    """Sets every element."""
    if isinstance(target, memoryview):
        letter = target.format
        target[:] = as_format(memoryview(packing.pack(f"<{letter}", value) * len(target)), letter)
        return
    for index in range(len(target)):
        target[index] = value


def equal(left: Any, right: Any) -> bool:
    """Compares the contents of bytes or text."""
    return bytes(left) == bytes(right)


def load_int(source: Scalars, index: int, size: int, is_big_endian: bool, is_signed: bool) -> int:
    """Reads an integer at a byte offset."""
    if not 0 <= index <= len(source) - size:
        raise traps.IndexError(f"{size} bytes at {index} outside a span of {len(source)}")
    order = "big" if is_big_endian else "little"
    return int.from_bytes(source[index : index + size], order, signed=is_signed)  # type: ignore[arg-type]


def store_int(target: memoryview, index: int, value: int, size: int, is_big_endian: bool) -> None:
    """Writes an integer at a byte offset."""
    if not 0 <= index <= len(target) - size:
        raise traps.IndexError(f"{size} bytes at {index} outside a span of {len(target)}")
    order = "big" if is_big_endian else "little"
    raw = wrap(value, 8 * size, signed=False).to_bytes(size, order)  # type: ignore[arg-type]
    target[index : index + size] = raw


def same_length(left: int, right: int) -> None:
    """Traps unless the lengths are equal."""
    if left != right:
        raise traps.ValueError(f"lengths {left} and {right} differ")
