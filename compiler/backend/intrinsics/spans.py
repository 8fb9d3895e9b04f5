"""Operations on spans, bytes and whole objects."""

from __future__ import annotations

from compiler.backend.arithmetic import as_index, integer_type
from compiler.backend.function import FunctionLowering
from compiler.backend.layout import VOID, Value
from compiler.backend.liveness import mark_view
from compiler.backend.sequences import (
    element_align,
    element_place,
    element_type,
    pointer_and_length,
)
from compiler.ir import nodes as n
from compiler.ir import types as t


def _checked_place(lowering: FunctionLowering, node: n.Intrinsic, size: int) -> str:
    """The address of `size` bytes at a byte offset into a span of u8, checked."""
    container = lowering.value(node.arguments[0])
    offset = as_index(lowering, node.arguments[1])
    lowering.at(node.span)
    return _bytes_at(lowering, node.arguments[0].type, container, offset, size)


def _bytes_at(
    lowering: FunctionLowering, kind: t.Type, container: Value, offset: str, size: int
) -> str:
    out = lowering.out
    pointer, length = pointer_and_length(lowering, kind, container)
    fits = out.emit(f"icmp uge i64 {length}, {size}")
    room = out.emit(f"sub i64 {length}, {size}")
    inside = out.emit(f"icmp ule i64 {offset}, {room}")
    lowering.trap_unless(out.emit(f"and i1 {fits}, {inside}"), "IndexError")
    return out.emit(f"getelementptr inbounds nuw i8, ptr {pointer}, i64 {offset}")


def _swap_if(lowering: FunctionLowering, text: str, bits: int, *, big_endian: object) -> str:
    if not big_endian or bits == 8:
        return text
    target = lowering.unit.intrinsic(f"i{bits}", f"llvm.bswap.i{bits}", f"i{bits}")
    return lowering.out.emit(f"call i{bits} {target}(i{bits} {text})")


def load_int(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """An integer at a byte offset."""
    bits = integer_type(node.type).bits
    place = _checked_place(lowering, node, bits // 8)
    raw = lowering.out.emit(f"load i{bits}, ptr {place}, align 1")
    return Value(f"i{bits}", _swap_if(lowering, raw, bits, big_endian=node.parameters[0]))


def store_int(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """Stores an integer at a byte offset."""
    container = lowering.value(node.arguments[0])
    offset = as_index(lowering, node.arguments[1])
    value = lowering.text(node.arguments[2])
    lowering.at(node.span)
    bits = integer_type(node.arguments[2].type).bits
    place = _bytes_at(lowering, node.arguments[0].type, container, offset, bits // 8)
    raw = _swap_if(lowering, value, bits, big_endian=node.parameters[0])
    lowering.out.effect(f"store i{bits} {raw}, ptr {place}, align 1")
    return VOID


def view(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """A packed struct over bytes."""
    place = _checked_place(lowering, node, lowering.layout.object_size(node.type))
    if lowering.unit.profile.debug:
        mark_view(lowering, node.type, lowering.out.emit(f"ptrtoint ptr {place} to i64"))
    return Value("ptr", place)


def _stride(lowering: FunctionLowering, kind: t.Type) -> int:
    if isinstance(kind, t.TableType):
        return lowering.layout.size(element_type(kind))
    return lowering.layout.stride(element_type(kind))


def copy_elements(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """`to.copy_from(source)`: memmove after comparing lengths."""
    to, source = (lowering.value(argument) for argument in node.arguments)
    lowering.at(node.span)
    out = lowering.out
    kind = node.arguments[0].type
    to_pointer, to_length = pointer_and_length(lowering, kind, to)
    source_pointer, source_length = pointer_and_length(lowering, node.arguments[1].type, source)
    same = out.emit(f"icmp eq i64 {to_length}, {source_length}")
    lowering.trap_unless(same, "ValueError")
    size = to_length
    stride = _stride(lowering, kind)
    if stride != 1:
        size = out.emit(f"mul i64 {to_length}, {stride}")
    _move(lowering, to_pointer, source_pointer, size)
    return VOID


def _move(lowering: FunctionLowering, to: str, source: str, size: str) -> None:
    target = lowering.unit.intrinsic("void", "llvm.memmove.p0.p0.i64", "ptr, ptr, i64, i1 immarg")
    lowering.out.effect(f"call void {target}(ptr {to}, ptr {source}, i64 {size}, i1 false)")


def copy_struct(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """Copies an object's bytes, between the vtable pointers that it contains."""
    to, source = lowering.text(node.arguments[0]), lowering.text(node.arguments[1])
    lowering.at(node.span)
    struct = lowering.program.structs[str(node.parameters[0])]
    position = 0
    for hole in [*_vtable_places(lowering, t.StructType(struct.name), 0), struct.size]:
        if hole > position:
            _move_part(lowering, to, source, position, hole - position)
        position = hole + 8
    return VOID


def _vtable_places(lowering: FunctionLowering, kind: t.Type, base: int) -> list[int]:
    """Offsets of all vtable pointers in an object, ascending."""
    if isinstance(kind, t.ArrayType):
        if not _vtable_places(lowering, kind.element, 0):
            return []
        stride = lowering.layout.stride(kind.element)
        return [
            place
            for index in range(kind.length)
            for place in _vtable_places(lowering, kind.element, base + index * stride)
        ]
    if not isinstance(kind, t.StructType):
        return []
    struct = lowering.program.structs[kind.name]
    places = [] if struct.vtable_offset is None else [base + struct.vtable_offset]
    for field in struct.fields.values():
        if field.embedded:
            places.extend(_vtable_places(lowering, field.type, base + field.offset))
    return sorted(places)


def _move_part(lowering: FunctionLowering, to: str, source: str, offset: int, size: int) -> None:
    if offset:
        to = lowering.out.emit(f"getelementptr inbounds nuw i8, ptr {to}, i64 {offset}")
        source = lowering.out.emit(f"getelementptr inbounds nuw i8, ptr {source}, i64 {offset}")
    _move(lowering, to, source, str(size))


def fill(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """Sets every element."""
    container, value = (lowering.value(argument) for argument in node.arguments)
    lowering.at(node.span)
    kind = node.arguments[0].type
    pointer, length = pointer_and_length(lowering, kind, container)
    stored = lowering.to_memory(element_type(kind), value)
    if stored.kind == "i8":
        target = lowering.unit.intrinsic("void", "llvm.memset.p0.i64", "ptr, i8, i64, i1 immarg")
        arguments = f"ptr {pointer}, i8 {stored.text}, i64 {length}, i1 false"
        lowering.out.effect(f"call void {target}({arguments})")
        return VOID
    _fill_loop(lowering, kind, pointer, length, stored)
    return VOID


def _fill_loop(
    lowering: FunctionLowering, kind: t.Type, pointer: str, length: str, stored: Value
) -> None:
    out = lowering.out
    head, body, done = out.fresh("fill"), out.fresh("element"), out.fresh("done")
    counter = out.alloca("i64", 8)
    out.effect(f"store i64 0, ptr {counter}")
    out.start_block(head)
    index = out.emit(f"load i64, ptr {counter}")
    out.branch_if(out.emit(f"icmp ult i64 {index}, {length}"), body, done)
    out.start_block(body)
    place = element_place(lowering, kind, pointer, index)
    align = element_align(lowering, kind)
    out.effect(f"store {stored.kind} {stored.text}, ptr {place}, align {align}")
    out.effect(f"store i64 {out.emit(f'add nuw i64 {index}, 1')}, ptr {counter}")
    out.branch(head)
    out.start_block(done)


def same_length(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """Traps unless two lengths are equal."""
    left, right = (lowering.text(argument) for argument in node.arguments)
    lowering.at(node.span)
    lowering.trap_unless(lowering.out.emit(f"icmp eq i64 {left}, {right}"), "ValueError")
    return VOID


def bounded_index(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """An index as u64, trapping unless it is below a constant count."""
    index = as_index(lowering, node.arguments[0])
    lowering.at(node.span)
    inside = lowering.out.emit(f"icmp ult i64 {index}, {node.parameters[0]}")
    lowering.trap_unless(inside, "IndexError")
    return Value("i64", index)
