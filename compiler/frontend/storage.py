"""How much memory a value takes where it is stored: size and alignment of types, by the rules of
C.
"""

from __future__ import annotations

from compiler.ir.types import (
    BoolType,
    BytesType,
    CallableType,
    EnumType,
    FloatType,
    FormatType,
    IntType,
    MmioType,
    NullableType,
    PointerType,
    RegisterType,
    SimdType,
    SpanType,
    StrType,
    StructType,
    TableType,
    TupleType,
    Type,
)

POINTER_BYTES = 8
VIEWS = (SpanType, BytesType, StrType, TableType, FormatType)
POINTERS = (StructType, CallableType, PointerType, MmioType)


def value_size(type: Type) -> tuple[int, int]:
    """Size and alignment in bytes of a stored value; a struct type counts as a reference."""
    if isinstance(type, IntType | FloatType):
        return type.bits // 8, type.bits // 8
    if isinstance(type, BoolType):
        return 1, 1
    if isinstance(type, EnumType | RegisterType):
        return value_size(type.base)
    if isinstance(type, VIEWS):
        return 2 * POINTER_BYTES, POINTER_BYTES
    if isinstance(type, SimdType):
        return 16, 16
    if isinstance(type, NullableType) and not type.is_pointer:
        size, align = value_size(type.inner)
        return round_up(size + 1, align), align
    if isinstance(type, TupleType):
        return _tuple_size(type)
    return POINTER_BYTES, POINTER_BYTES


def _tuple_size(type: TupleType) -> tuple[int, int]:
    end, most = 0, 1
    for item in type.items:
        size, align = value_size(item)
        end = round_up(end, align) + size
        most = max(most, align)
    return round_up(end, most), most


def round_up(value: int, align: int) -> int:
    """`value` rounded up to a multiple of `align`."""
    return -(-value // align) * align
