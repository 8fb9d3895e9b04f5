"""Fields of a struct that is a view over bytes: how each is read from and written to its place."""

from __future__ import annotations

import struct as packing
from typing import TYPE_CHECKING, Any

from bare.checked.elements import as_format, scalar_format
from compiler.ir.program import Field
from compiler.ir.types import ArrayType, EnumType, IntType, RegisterType, StructType, Type

if TYPE_CHECKING:
    from bare.checked.program import CheckedProgram


def view_property(program: CheckedProgram, field: Field) -> property:
    """Makes the descriptor of one field of a view class."""
    if field.embedded:
        return _embedded(program, field)
    if field.bit_width:
        return _bits(field)
    letter = scalar_format(field.type)
    if letter is not None:
        return _scalar(field, letter)
    return _encoded(program, field)


def _scalar(field: Field, letter: str) -> property:
    place = packing.Struct((">" if field.big_endian else "<") + letter)
    offset = field.offset

    def get(self: Any) -> Any:
        return place.unpack_from(self.bare_bytes, self.bare_start + offset)[0]

    def put(self: Any, value: Any) -> None:
        place.pack_into(self.bare_bytes, self.bare_start + offset, value)

    return property(get, put)


def _bits(field: Field) -> property:
    order = ">" if field.big_endian else "<"
    unit = packing.Struct(order + {1: "B", 2: "H", 4: "I", 8: "Q"}[field.size])
    offset, low, width = field.offset, field.bit_offset, field.bit_width
    mask = (1 << width) - 1
    is_signed = _is_signed(field.type)

    def get(self: Any) -> int:
        value = int(unit.unpack_from(self.bare_bytes, self.bare_start + offset)[0]) >> low & mask
        return value - (1 << width) if is_signed and value >> (width - 1) else value

    def put(self: Any, value: int) -> None:
        whole = unit.unpack_from(self.bare_bytes, self.bare_start + offset)[0]
        whole = whole & ~(mask << low) | (int(value) & mask) << low
        unit.pack_into(self.bare_bytes, self.bare_start + offset, whole)

    return property(get, put)


def _is_signed(of: Type) -> bool:
    if isinstance(of, EnumType | RegisterType):
        of = of.base
    return isinstance(of, IntType) and of.signed


def _embedded(program: CheckedProgram, field: Field) -> property:
    offset, of = field.offset, field.type

    def get(self: Any) -> Any:
        return elements_over(program, of, self.bare_bytes, self.bare_start + offset)

    return property(get)


def elements_over(program: CheckedProgram, of: Type, buffer: memoryview, start: int) -> Any:
    """Views bytes as an embedded struct or an array."""
    if isinstance(of, StructType):
        return struct_over(program, of.name, buffer, start)
    assert isinstance(of, ArrayType)
    letter = scalar_format(of.element)
    if letter is not None:
        size = packing.calcsize(letter) * of.length
        return as_format(buffer[start : start + size], letter)
    return ElementsOver(program, of.element, buffer, start, of.length)


def struct_over(program: CheckedProgram, name: str, buffer: memoryview, start: int) -> Any:
    """Views bytes as a struct. In RAM each place has one view, so that references have identity."""
    view_class = program.classes.of(name).bare_view_class
    made: Any = object.__new__(view_class)
    made.bare_bytes = buffer
    made.bare_start = start
    return made


def _encoded(program: CheckedProgram, field: Field) -> property:
    """A reference, span or text in bytes is its address (and length)."""
    offset, size, of = field.offset, field.size, field.type

    def get(self: Any) -> Any:
        place = self.bare_start + offset
        return program.addresses.decode(of, bytes(self.bare_bytes[place : place + size]))

    def put(self: Any, value: Any) -> None:
        place = self.bare_start + offset
        self.bare_bytes[place : place + size] = program.addresses.encode(of, value, size)

    return property(get, put)


class ElementsOver(list[Any]):
    """Elements in bytes that are not plain scalars, reached by index like a list."""

    def __init__(
        self, program: CheckedProgram, element: Type, buffer: memoryview, start: int, length: int
    ) -> None:
        super().__init__()
        self._program = program
        self._element = element
        self.buffer = buffer
        self.start = start
        self._length = length
        self._size = program.size_of(element)

    def __len__(self) -> int:
        return self._length

    def _place(self, index: Any) -> int:
        if not 0 <= index < self._length:
            raise IndexError(index)
        return self.start + int(index) * self._size

    def __getitem__(self, index: Any) -> Any:
        place = self._place(index)
        if isinstance(self._element, StructType | ArrayType):
            return self._program.addresses.element_over(self._element, self.buffer, place)
        raw = bytes(self.buffer[place : place + self._size])
        return self._program.addresses.decode(self._element, raw)

    def __setitem__(self, index: Any, value: Any) -> None:
        place = self._place(index)
        raw = self._program.addresses.encode(self._element, value, self._size)
        self.buffer[place : place + self._size] = raw

    def __iter__(self) -> Any:
        return (self[index] for index in range(self._length))
