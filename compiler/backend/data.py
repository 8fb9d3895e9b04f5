"""Static data: constant objects, tables, vtables, as LLVM constants with exact layout."""

from __future__ import annotations

from typing import NamedTuple

from compiler.backend.function import float_literal
from compiler.backend.layout import SPAN, Value
from compiler.backend.text import quote_bytes
from compiler.backend.thunks import fallible_thunk
from compiler.backend.unit import UnitWriter, vtable_symbol
from compiler.ir import types as t
from compiler.ir.program import (
    Data,
    DataFunction,
    DataReference,
    DataSequence,
    DataStruct,
    DataValue,
    Field,
    Struct,
)


class _Piece(NamedTuple):
    """A constant at an offset: LLVM type, spelling, size in bytes."""

    offset: int
    kind: str
    text: str
    size: int


def emit_datum(unit: UnitWriter, datum: Data) -> None:
    """Defines a static object."""
    is_array = isinstance(datum.type, t.ArrayType)
    align = max(_align(unit, datum), datum.align, 8 if is_array else 1)
    kind, text = _object(unit, datum)
    what = "global" if datum.writable else "constant"
    unnamed = "" if datum.writable else "local_unnamed_addr "
    unit.out.add_global(datum.symbol, f"{unit.hidden}{unnamed}{what} {kind} {text}, align {align}")


def _align(unit: UnitWriter, datum: Data) -> int:
    if isinstance(datum.type, t.ArrayType) and datum.by_reference:
        return 8
    return unit.layout.object_align(datum.type)


def _object(unit: UnitWriter, datum: Data) -> tuple[str, str]:
    if datum.value is None:
        return f"[{unit.layout.object_size(datum.type)} x i8]", "zeroinitializer"
    if isinstance(datum.type, t.StructType):
        return _struct_object(unit, datum.type, datum.value)
    assert isinstance(datum.type, t.ArrayType)
    return _array_object(unit, datum.type, datum.value, by_reference=datum.by_reference)


def _struct_object(unit: UnitWriter, kind: t.StructType, value: DataValue) -> tuple[str, str]:
    struct = unit.program.structs[value.struct if isinstance(value, DataStruct) else kind.name]
    given = value.fields if isinstance(value, DataStruct) else {}
    return _assemble(_struct_pieces(unit, struct, given), struct.size)


def _array_object(
    unit: UnitWriter, kind: t.ArrayType, value: DataValue, *, by_reference: bool
) -> tuple[str, str]:
    element = kind.element
    if isinstance(value, bytes):
        value = DataSequence(list(value))
    assert isinstance(value, DataSequence), value
    items = value.items + [None] * (kind.length - len(value.items))
    if element == t.U8:
        return f"[{len(items)} x i8]", _bytes_literal(items)
    stride = 8 if by_reference else unit.layout.stride(element)
    pieces = []
    for item in items:
        if unit.layout.is_embedded(element) and not by_reference:
            spelled, text = _embedded(unit, element, item)
        else:
            spelled, text = _scalar(unit, element, item)
        pieces.append((spelled, text))
    kinds = {spelled for spelled, _ in pieces}
    if len(kinds) == 1:
        spelled = kinds.pop()
        body = ", ".join(f"{spelled} {text}" for _, text in pieces)
        return f"[{len(items)} x {spelled}]", f"[{body}]"
    placed = [_Piece(i * stride, spelled, text, stride) for i, (spelled, text) in enumerate(pieces)]
    return _assemble(placed, stride * len(items))


def _bytes_literal(items: list[DataValue]) -> str:
    data = bytes(_integer(item) for item in items)
    return f'c"{quote_bytes(data)}"' if data else "zeroinitializer"


def _integer(value: DataValue) -> int:
    """An integer constant; None is zero."""
    assert value is None or isinstance(value, int), value
    return int(value or 0)


def _embedded(unit: UnitWriter, kind: t.Type, value: DataValue) -> tuple[str, str]:
    if isinstance(kind, t.StructType):
        return _struct_object(unit, kind, value)
    assert isinstance(kind, t.ArrayType)
    if value is None:
        value = DataSequence([])
    return _array_object(unit, kind, value, by_reference=False)


def _struct_pieces(unit: UnitWriter, struct: Struct, given: dict[str, DataValue]) -> list[_Piece]:
    pieces = []
    if struct.vtable_offset is not None and not struct.is_abstract:
        pieces.append(_Piece(struct.vtable_offset, "ptr", unit.vtable_reference(struct.name), 8))
    units: dict[tuple[int, int], tuple[int, bool]] = {}
    for field in struct.fields.values():
        value = given.get(field.name, field.default if field.has_default else None)
        if field.bit_width:
            key = (field.offset, field.size)
            bits = (_integer(value) & ((1 << field.bit_width) - 1)) << field.bit_offset
            units[key] = (units.get(key, (0, False))[0] | bits, field.big_endian)
        elif field.embedded:
            kind, text = _embedded(unit, field.type, value)
            pieces.append(_Piece(field.offset, kind, text, unit.layout.object_size(field.type)))
        else:
            kind, text = _stored_scalar(unit, field, value)
            pieces.append(_Piece(field.offset, kind, text, field.size))
    for (offset, size), (number, swapped) in units.items():
        text = str(_swapped(number, size) if swapped else number)
        pieces.append(_Piece(offset, f"i{size * 8}", text, size))
    return pieces


def _stored_scalar(unit: UnitWriter, field: Field, value: DataValue) -> tuple[str, str]:
    kind, text = _scalar(unit, field.type, value)
    if field.big_endian and isinstance(value, int):
        text = str(_swapped(int(value), field.size))
    return kind, text


def _swapped(number: int, size: int) -> int:
    masked = number & ((1 << size * 8) - 1)
    return int.from_bytes(masked.to_bytes(size, "big"), "little")


def _assemble(pieces: list[_Piece], size: int) -> tuple[str, str]:
    kinds: list[str] = []
    texts: list[str] = []
    position = 0
    for piece in sorted(pieces, key=lambda piece: piece.offset):
        if piece.offset > position:
            kinds.append(f"[{piece.offset - position} x i8]")
            texts.append(f"{kinds[-1]} zeroinitializer")
        kinds.append(piece.kind)
        texts.append(f"{piece.kind} {piece.text}")
        position = piece.offset + piece.size
    if position < size:
        kinds.append(f"[{size - position} x i8]")
        texts.append(f"{kinds[-1]} zeroinitializer")
    return f"<{{ {', '.join(kinds)} }}>", f"<{{ {', '.join(texts)} }}>"


def _scalar(unit: UnitWriter, kind: t.Type, value: DataValue) -> tuple[str, str]:
    """A constant of any type that is not embedded, as it stands in memory."""
    spelled = unit.layout.memory_type(kind)
    if isinstance(kind, t.NullableType) and not kind.is_pointer:
        if value is None:
            return spelled, "zeroinitializer"
        inner, text = _scalar(unit, kind.inner, value)
        return spelled, f"{{ {inner} {text}, i8 1 }}"
    if value is None:
        return spelled, {"ptr": "null", "float": "0.0", "double": "0.0"}.get(
            spelled, "zeroinitializer" if spelled.startswith(("{", "<")) else "0"
        )
    if isinstance(value, bytes):
        return spelled, unit.text_constant(value).removeprefix(f"{SPAN} ")
    if isinstance(value, DataReference):
        return spelled, _reference(unit, spelled, value)
    if isinstance(value, DataFunction) and value.as_fallible:
        return spelled, fallible_thunk(unit, value.symbol)
    if isinstance(value, DataFunction):
        return spelled, unit.function_reference(value.symbol)
    if isinstance(kind, t.TupleType):
        assert isinstance(value, DataSequence)
        items = [_scalar(unit, k, v) for k, v in zip(kind.items, value.items, strict=True)]
        return spelled, f"{{ {', '.join(f'{k} {v}' for k, v in items)} }}"
    if isinstance(kind, t.FloatType):
        assert isinstance(value, int | float)
        return spelled, float_literal(float(value), kind.bits)
    assert isinstance(value, int), (kind, value)
    if spelled == "ptr":
        return spelled, f"inttoptr (i64 {int(value)} to ptr)" if value else "null"
    return spelled, str(int(value))


def _reference(unit: UnitWriter, spelled: str, value: DataReference) -> str:
    pointer = unit.data_reference(value.symbol)
    if spelled == "ptr":
        return pointer
    datum = unit.program.data[value.symbol].type
    assert isinstance(datum, t.ArrayType)
    return f"{{ ptr {pointer}, i64 {datum.length} }}"


def default_constant(unit: UnitWriter, field: Field) -> Value:
    """A field's default as a value (not swapped, not packed: the store does that)."""
    kind, text = _scalar(unit, field.type, field.default)
    if isinstance(field.type, t.BoolType):
        return Value("i1", "true" if field.default else "false")
    return Value(kind, text)


def emit_vtable(unit: UnitWriter, struct: Struct) -> None:
    """Defines a class's vtable: its preorder number, then the code of each slot."""
    slots = []
    for method in struct.vtable:
        known = method is not None and method in unit.program.functions
        slots.append(f"ptr {unit.function_reference(method)}" if known and method else "ptr null")
    name = vtable_symbol(struct.name)
    table = f"[{', '.join(slots)}]" if slots else "zeroinitializer"
    unit.out.add_global(
        name,
        f"{unit.hidden}constant {{ i64, [{len(slots)} x ptr] }} "
        f"{{ i64 {struct.tag}, [{len(slots)} x ptr] {table} }}, align 8",
    )
