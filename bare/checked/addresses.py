"""Addresses of Python objects under `bare.load`, and the objects at addresses.

Memory holds bytes and placed objects; this is the part that knows types: it finds the object of a
type at an address, also inside another one, and encodes references that stand in bytes.
"""

from __future__ import annotations

import struct as packing
from typing import TYPE_CHECKING, Any

from bare import traps
from bare.checked.elements import (
    ElementList,
    ElementSpan,
    as_format,
    make_scalars,
    scalar_format,
)
from bare.checked.fields import ElementsOver, elements_over, struct_over
from bare.checked.memory import Memory, host_address
from bare.checked.objects import Object, kill
from bare.checked.values import make_elements
from compiler.ir.types import (
    ArrayType,
    BytesType,
    CallableType,
    NullableType,
    SpanType,
    StrType,
    StructType,
    Type,
)

if TYPE_CHECKING:
    from bare.checked.program import CheckedProgram

POINTER = packing.Struct("<Q")
POINTER_AND_LENGTH = packing.Struct("<QQ")
FUNCTION_BYTES = 16


class Addresses:
    """What stands where, for one program."""

    def __init__(self, program: CheckedProgram, memory: Memory) -> None:
        self._program = program
        self.memory = memory
        self._functions: dict[int, tuple[Any, int]] = {}

    # --- from values to addresses

    def address_of(self, value: Any) -> int:
        """Returns where a value stands; gives it a place if it has none."""
        if value is None or isinstance(value, int):
            return value or 0
        if isinstance(value, ElementSpan):
            return self.address_of(value.storage) + int(value.offset * value.storage.stride)
        if isinstance(value, ElementsOver):
            return self.memory.address_of_buffer(value.buffer) + value.start
        if isinstance(value, memoryview | bytes):
            return self.memory.address_of_buffer(value)
        if isinstance(value, Object) and hasattr(value, "bare_bytes"):
            view: Any = value
            return self.memory.address_of_buffer(view.bare_bytes) + int(view.bare_start)
        if isinstance(value, Object | ElementList):
            return self._address_of_object(value)
        return self._address_of_function(value)

    def _address_of_object(self, value: Any) -> int:
        home = getattr(value, "bare_home", None)
        if home is None:
            size = (
                len(value) * value.stride
                if isinstance(value, ElementList)
                else value.bare_struct.size
            )
            home = value.bare_home = self.memory.place(value, size)
        if isinstance(home, tuple):
            return self.address_of(home[0]) + int(home[1])
        return int(home)

    def _address_of_function(self, function: Any) -> int:
        known = self._functions.get(id(function))
        if known is None:
            known = (function, self.memory.place(function, FUNCTION_BYTES))
            self._functions[id(function)] = known
        return known[1]

    # --- from addresses to values

    def value_at(self, of: Type, address: int) -> Any:
        """Returns the struct, array or function at an address."""
        found = self.memory.object_range(address)
        if isinstance(of, CallableType):
            if found is None or found.base != address:
                raise traps.IndexError(f"there is no function at {address:#x}")
            return found.value
        if found is not None:
            inside = self._inside(found.value, address - found.base, of)
            if inside is not None:
                return inside
        whole = self.memory.bytes_at(address, self._program.storage_size(of))
        return elements_over(self._program, of, whole, 0)

    def span_at(self, of: Type, address: int, length: int) -> Any:
        """Returns `length` elements at an address as a span."""
        if isinstance(of, BytesType):
            return self.memory.bytes_at(address, length)
        assert isinstance(of, SpanType)
        size = self._program.size_of(of.element)
        letter = scalar_format(of.element)
        if letter is not None:
            return as_format(self.memory.bytes_at(address, length * size), letter)
        found = self.memory.object_range(address)
        if found is not None:
            elements = self._elements_inside(found.value, address - found.base)
            if elements is not None:
                return ElementSpan(elements[0], elements[1], length)
        whole = self.memory.bytes_at(address, length * size)
        return ElementSpan(ElementsOver(self._program, of.element, whole, 0, length), 0, length)

    def _inside(self, value: Any, offset: int, of: Type) -> Any:
        """Finds the struct of type `of` that stands `offset` bytes into a placed value."""
        if isinstance(value, ElementList):
            index = offset // max(value.stride, 1)
            inner = offset % max(value.stride, 1)
            return self._inside(value[index], inner, of) if index < len(value) else None
        if not isinstance(value, Object):
            return None
        if offset == 0 and self._is_of(value, of):
            return value
        for field in value.bare_struct.fields.values():
            if field.embedded and field.offset <= offset < field.offset + max(field.size, 1):
                return self._inside(getattr(value, f"slot_{field.name}"), offset - field.offset, of)
        return None

    def _is_of(self, value: Object, of: Type) -> bool:
        return isinstance(of, StructType) and isinstance(value, self._program.classes.of(of.name))

    def _elements_inside(self, value: Any, offset: int) -> tuple[ElementList, int] | None:
        if isinstance(value, ElementList):
            return value, offset // max(value.stride, 1)
        if isinstance(value, Object):
            for field in value.bare_struct.fields.values():
                if field.embedded and field.offset <= offset < field.offset + field.size:
                    inner = getattr(value, f"slot_{field.name}")
                    return self._elements_inside(inner, offset - field.offset)
        return None

    def element_over(self, element: Type, buffer: memoryview, place: int) -> Any:
        """Returns an embedded element that stands in bytes."""
        return elements_over(self._program, element, buffer, place)

    def is_same(self, left: Any, right: Any) -> bool:
        """Whether two references are equal: views are, where they stand at the same place."""
        if left is right:
            return True
        if not (hasattr(left, "bare_bytes") and hasattr(right, "bare_bytes")):
            return False
        first = host_address(left.bare_bytes) + left.bare_start
        return bool(first == host_address(right.bare_bytes) + right.bare_start)

    # --- making and releasing

    def construct(self, name: str, address: int, fields: dict[str, Any]) -> Any:
        """Makes an object at an address: bytes of RAM if it is all scalars, else placed there."""
        cls = self._program.classes.of(name)
        size = cls.bare_struct.size
        if self._program.is_flat(name) and self.memory.is_ram(address):
            view = struct_over(self._program, name, self.memory.bytes_at(address, size), 0)
            view.bare_bytes[:] = bytes(size)
            view.bare_fill(fields)
            return view
        made = cls.bare_make(**fields)
        made.bare_home = self.memory.place(made, size, address)
        return made

    def construct_span(self, element: Type, address: int, length: int) -> Any:
        """Makes zeroed elements at an address and returns the span of them."""
        size = self._program.size_of(element)
        letter = scalar_format(element)
        if letter is not None:
            if not self.memory.is_ram(address):
                return make_scalars(letter, length)
            whole = self.memory.bytes_at(address, length * size)
            whole[:] = bytes(len(whole))
            return as_format(whole, letter)
        made = make_elements(self._program, element, length)
        made.bare_home = self.memory.place(made, length * size, address)
        return ElementSpan(made, 0, length)

    def release(self, value: Any) -> int:
        """Makes an object dead and returns its address; of a span, only the address."""
        address = self.address_of(value)
        self.memory.forget(address)
        if isinstance(value, Object):
            kill(value)
        return address

    # --- references in bytes

    def encode(self, of: Type, value: Any, size: int) -> bytes:
        """Spells a reference, span, text or nullable as the bytes that hold it."""
        if isinstance(of, NullableType) and not of.is_pointer:
            inner_size = self._program.size_of(of.inner)
            if value is None:
                return bytes(size)
            return (self.encode(of.inner, value, inner_size) + b"\1").ljust(size, b"\0")
        letter = scalar_format(of)
        if letter is not None:
            return packing.pack(f"<{letter}", value)
        if isinstance(of, SpanType | BytesType | StrType):
            address = self.address_of(value) if len(value) else 0
            return POINTER_AND_LENGTH.pack(address, len(value))
        return POINTER.pack(self.address_of(value))

    def decode(self, of: Type, raw: bytes) -> Any:
        """Reads what `encode` spelled."""
        if isinstance(of, NullableType) and not of.is_pointer:
            size = self._program.size_of(of.inner)
            return self.decode(of.inner, raw[:size]) if raw[size] else None
        letter = scalar_format(of)
        if letter is not None:
            return packing.unpack(f"<{letter}", raw)[0]
        if isinstance(of, StrType):
            of = BytesType()
        if isinstance(of, SpanType | BytesType):
            return self.span_at(of, *POINTER_AND_LENGTH.unpack(raw))
        (address,) = POINTER.unpack(raw)
        inner = of.inner if isinstance(of, NullableType) else of
        return self.value_at(inner, address) if address else None


def storage_size(program: CheckedProgram, of: Type) -> int:
    """Returns the bytes of what a struct or array type refers to."""
    if isinstance(of, StructType):
        return program.ir.structs[of.name].size
    assert isinstance(of, ArrayType)
    return of.length * program.size_of(of.element)
