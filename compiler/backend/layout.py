"""How IR types look in LLVM: as values, in memory, their size, alignment and stride."""

from __future__ import annotations

from typing import NamedTuple

from compiler.ir import types as t
from compiler.ir.program import Field, Program

SPAN = "{ptr, i64}"
FORMAT = "{ptr, ptr}"
ERROR = "i32"
"""The error number of a fallible result; 0 is success."""


class Value(NamedTuple):
    """An LLVM value: its type and its spelling.

    `parts` are an aggregate's items when they are known; then `text` may be empty, and
    `FunctionLowering.whole` assembles it.
    """

    kind: str
    text: str
    parts: tuple[Value, ...] = ()

    def __str__(self) -> str:
        return f"{self.kind} {self.text}"


VOID = Value("void", "")


class Layout:
    """Sizes and LLVM types for one program's types."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._value_types: dict[t.Type, str] = {}
        self._memory_types: dict[t.Type, str] = {}

    def value_type(self, kind: t.Type) -> str:
        """The LLVM type of a value in a register; `void` for none."""
        found = self._value_types.get(kind)
        if found is None:
            found = self._value_types[kind] = self._value_type(kind)
        return found

    def _value_type(self, kind: t.Type) -> str:
        match kind:
            case t.BoolType():
                return "i1"
            case t.NoneType() | t.NeverType():
                return "void"
            case t.NullableType() if not kind.is_pointer:
                return f"{{{self.memory_type(kind.inner)}, i8}}"
            case t.TupleType():
                return f"{{{', '.join(map(self.memory_type, kind.items))}}}"
            case _:
                return self.memory_type(kind)

    def memory_type(self, kind: t.Type) -> str:
        """The LLVM type of a value in memory or inside an aggregate."""
        found = self._memory_types.get(kind)
        if found is None:
            found = self._memory_types[kind] = self._memory_type(kind)
        return found

    def _memory_type(self, kind: t.Type) -> str:
        match kind:
            case t.IntType():
                return f"i{kind.bits}"
            case t.EnumType() | t.RegisterType():
                return f"i{kind.base.bits}"
            case t.MmioType():
                return "i64"
            case t.BoolType():
                return "i8"
            case t.FloatType():
                return "float" if kind.bits == 32 else "double"
            case t.StructType() | t.ArrayType() | t.CallableType() | t.PointerType():
                return "ptr"
            case t.SpanType() | t.TableType() | t.BytesType() | t.StrType():
                return SPAN
            case t.FormatType():
                return FORMAT
            case t.SimdType():
                return f"<{kind.lanes} x {self.memory_type(kind.element)}>"
            case t.NullableType() if kind.is_pointer:
                return "ptr"
            case t.NullableType() | t.TupleType():
                return self.value_type(kind)
            case _:
                raise TypeError(f"the type {kind} has no place in memory")

    def result_type(self, result: t.Type, *, fallible: bool) -> str:
        """What a function returns: the value, the error number behind it when it is fallible."""
        plain = self.value_type(result)
        if not fallible:
            return plain
        return ERROR if plain == "void" else f"{{{self.memory_type(result)}, {ERROR}}}"

    def size(self, kind: t.Type) -> int:
        """Bytes that a value takes in memory; of struct and array types, of the *reference*."""
        return self._measure(kind)[0]

    def align(self, kind: t.Type) -> int:
        """Natural alignment of a value in memory."""
        return self._measure(kind)[1]

    def _measure(self, kind: t.Type) -> tuple[int, int]:
        match kind:
            case t.IntType() | t.FloatType():
                return kind.bits // 8, kind.bits // 8
            case t.EnumType() | t.RegisterType():
                return kind.base.bits // 8, kind.base.bits // 8
            case t.BoolType():
                return 1, 1
            case t.SpanType() | t.TableType() | t.BytesType() | t.StrType() | t.FormatType():
                return 16, 8
            case t.SimdType():
                return 16, 16
            case t.NullableType() if not kind.is_pointer:
                return self._measure_items((kind.inner, t.U8))
            case t.TupleType():
                return self._measure_items(kind.items)
            case _:
                return 8, 8

    def _measure_items(self, items: tuple[t.Type, ...]) -> tuple[int, int]:
        size, align = 0, 1
        for item in items:
            item_size, item_align = self._measure(item)
            size = -(-size // item_align) * item_align + item_size
            align = max(align, item_align)
        return -(-size // align) * align, align

    def is_embedded(self, element: t.Type) -> bool:
        """Whether elements of this type are objects that stand in the array itself."""
        return isinstance(element, t.StructType | t.ArrayType)

    def stride(self, element: t.Type) -> int:
        """Bytes from one element of an array, span or pointer to the next."""
        if self.is_embedded(element):
            return self.object_size(element)
        return self.size(element)

    def object_size(self, kind: t.Type) -> int:
        """Bytes of the object that a struct or array type refers to."""
        if isinstance(kind, t.StructType):
            return self._program.structs[kind.name].size
        if isinstance(kind, t.ArrayType):
            return self.stride(kind.element) * kind.length
        return self.size(kind)

    def object_align(self, kind: t.Type) -> int:
        """Alignment of the object that a struct or array type refers to."""
        if isinstance(kind, t.StructType):
            return self._program.structs[kind.name].align
        if isinstance(kind, t.ArrayType):
            return self.object_align(kind.element)
        return self.align(kind)

    def field_align(self, struct: str, field: Field) -> int:
        """What is certain about the alignment of a field's address."""
        align = self._program.structs[struct].align
        place = align if field.offset == 0 else field.offset & -field.offset
        return min(align, place, max(1, field.size & -field.size) if not field.embedded else 64)
